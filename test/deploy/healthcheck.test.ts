import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { checkHealth } from "../../deploy/healthcheck.ts";
import { readTls } from "../../src/rpc/connections/tls.ts";
import { freePort } from "../provide/server.ts";
import { certificateFolder } from "../rpc/connections/certificates.ts";
import { serve } from "../rpc/serve.ts";
import { RunningProcess } from "../running-process.ts";
import { ROOT } from "./deploy-tools.ts";

/** The command as the image runs it: what it says, and its exit code. */
async function runCheck(env: Readonly<Record<string, string>>): Promise<{ said: string; code: unknown }> {
  const child = new RunningProcess(process.execPath, [join(ROOT, "deploy/healthcheck.ts")], { env });
  const code = await child.exit();
  return { said: child.output, code };
}

describe("the health check", () => {
  // With the service itself it is run in image.test.ts.
  it("finds a server serving, and nobody once it is gone", async () => {
    const { server } = await serve();
    expect(await runCheck({ GRPC_ADDRESS: server.address })).toEqual({ said: "SERVING\n", code: 0 });
    server.close();
    const gone = await runCheck({ GRPC_ADDRESS: server.address });
    expect([gone.said, gone.code]).toEqual([expect.stringMatching(/UNAVAILABLE|DEADLINE_EXCEEDED/), 1]);
  });

  it("fails where the service cannot do its work", async () => {
    const { server } = await serve({}, { ready: () => false });
    expect(await runCheck({ GRPC_ADDRESS: server.address })).toEqual({ said: "NOT_SERVING\n", code: 1 });
  });

  it("calls this machine where the service listens on any interface", async () => {
    const { server } = await serve({}, { address: "0.0.0.0:0" });
    expect(await checkHealth({ GRPC_ADDRESS: `0.0.0.0:${server.port}` })).toBe("SERVING");
  });

  it("goes through TLS and mTLS with the files that the service has", async () => {
    const folder = certificateFolder();
    onTestFinished(() => folder.remove());
    const authority = folder.authority("firm");
    const { cert, key } = authority.issue("runtime");
    for (const clientCa of [undefined, authority.cert]) {
      const tls = await readTls({ cert, key, ...(clientCa !== undefined && { clientCa }) }, Date.now());
      const { server } = await serve({}, { tls });
      const env = { GRPC_ADDRESS: server.address, TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: clientCa };
      expect(await checkHealth(env)).toBe("SERVING");
      await expect(checkHealth({ GRPC_ADDRESS: server.address }, 1_000)).rejects.toThrow(/UNAVAILABLE|DEADLINE/);
    }
  });

  it("gives up in time, and says what address it cannot use", async () => {
    await expect(checkHealth({ GRPC_ADDRESS: `127.0.0.1:${await freePort()}` }, 1_000)).rejects.toThrow(/UNAVAILABLE/);
    expect(() => checkHealth({ GRPC_ADDRESS: "127.0.0.1:0" })).toThrow(/give it a fixed port/);
  });
});
