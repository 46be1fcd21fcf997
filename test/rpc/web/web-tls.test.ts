import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:tls";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { describe, expect, it, onTestFinished } from "vitest";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { readTls } from "../../../src/rpc/connections/tls.ts";
import { certificateFolder } from "../connections/certificates.ts";
import { serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";

describe("the web port over TLS", () => {
  it("serves those who know its authority, and where it asks for one, have a certificate", async () => {
    const folder = certificateFolder();
    onTestFinished(() => folder.remove());
    const ours = folder.authority("ours");
    const client = ours.issue("client");
    const tls = await readTls({ ...ours.issue("server"), clientCa: ours.cert }, Date.now() + 1_000);
    const { server } = await serveWeb({}, { tls });
    const call = (nodeOptions: object) => {
      const baseUrl = `https://${server.address}`;
      return createClient(
        PolicyService,
        createConnectTransport({ baseUrl, httpVersion: "1.1", nodeOptions }),
      ).getPolicy({});
    };
    const pair = { cert: readFileSync(client.cert), key: readFileSync(client.key) };
    expect((await call({ ca: ours.pem, ...pair })).policy?.haltReason).toBe("maintenance");
    await expect(call({ ca: ours.pem })).rejects.toThrow();
    await expect(call(pair)).rejects.toThrow(/certificate/);
    await expect(fetch(`http://${server.address}/healthz`)).rejects.toThrow();
  });

  it("lets no client ask for another handshake on its connection, and nor does the gRPC port", async () => {
    const folder = certificateFolder();
    onTestFinished(() => folder.remove());
    const ours = folder.authority("ours");
    const tls = await readTls(ours.issue("server"), Date.now() + 1_000);
    const web = await serveWeb({}, { tls });
    const grpc = await serve({}, { tls });
    for (const { port } of [web.server, grpc.server]) {
      const socket = connect({ port, host: "127.0.0.1", servername: "localhost", ca: ours.pem, maxVersion: "TLSv1.2" });
      onTestFinished(() => void socket.destroy());
      socket.on("error", () => {}).resume();
      await once(socket, "secureConnect");
      const renewed = new Promise((resolve) => {
        socket.once("close", () => resolve("refused"));
        socket.renegotiate({}, (error) => resolve(error === null ? "renewed" : "refused"));
      });
      expect(await renewed).toBe("refused");
    }
  });
});
