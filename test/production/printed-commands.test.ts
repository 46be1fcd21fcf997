import { delimiter, dirname } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { provideCurl } from "../provide/curl.ts";
import { provideGrpcurl } from "../provide/grpcurl.ts";
import { type CertificateFolder, certificateFolder } from "../rpc/connections/certificates.ts";
import { startServer } from "../running-server.ts";
import { type } from "../terminal.ts";

const TOKEN = "admin-token-0123456789";

let folder: CertificateFolder;
let path: string;

beforeAll(async () => {
  folder = certificateFolder();
  const { curl } = await provideCurl();
  const { grpcurl } = await provideGrpcurl();
  path = [dirname(curl), dirname(grpcurl), process.env.PATH].join(delimiter);
}, 600_000);

afterAll(() => folder?.remove());

/**
 * What a setting adds to the environment of the service, and what a person fills in where the
 * printed line has dots.
 */
function protection() {
  const authority = folder.authority(`authority${performance.now()}`);
  const { cert, key } = authority.issue("server");
  const client = authority.issue("client");
  return {
    none: { service: {}, person: {} },
    tokens: {
      service: { AUTH_TOKENS: folder.write("tokens", `${TOKEN} ada admin\n`) },
      person: { TOKEN },
    },
    "TLS and tokens": {
      service: { TLS_CERT: cert, TLS_KEY: key, AUTH_TOKENS: folder.write("tokens", `${TOKEN} ada admin\n`) },
      person: { TOKEN },
    },
    "client certificates": {
      service: { TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: authority.cert },
      person: { CERT: client.cert, KEY: client.key },
    },
  };
}

describe("the commands that a start prints", { timeout: 120_000 }, () => {
  it.each(["none", "tokens", "TLS and tokens", "client certificates"] as const)("work with %s", async (kind) => {
    const { service, person } = protection()[kind];
    const server = await startServer({ ...service, WEB_ADDRESS: "127.0.0.1:0", DATA_DIR: "memory" });
    const [, printed = ""] = await server.says(/Try next:\n((?:.+\n)+)\n/);
    const lines = printed
      .trim()
      .split("\n")
      .map((line) => line.trim());
    const commands = lines.filter((line) => !line.startsWith("export "));
    expect(commands).toHaveLength(3);
    const run = (line = "") => {
      const command = type(line, { cwd: folder.path, env: { ...process.env, PATH: path, ...person } });
      onTestFinished(async () => {
        await command.interrupt();
      });
      return command;
    };
    expect((await run(commands[0]).ended()).output).toMatch(/"ready":\s?true/);
    expect((await run(commands[1]).ended()).output).toMatch(/"strategyId":\s?"first"/);
    await run(commands[2]).says(/"resumeToken"/);
  });
});
