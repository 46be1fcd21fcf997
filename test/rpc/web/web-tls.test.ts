import { readFileSync } from "node:fs";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { describe, expect, it, onTestFinished } from "vitest";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { readTls } from "../../../src/rpc/connections/tls.ts";
import { certificateFolder } from "../connections/certificates.ts";
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
});
