import { readFileSync } from "node:fs";
import { request } from "node:https";
import { credentials, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { ANY_CERTIFICATE, accessBy } from "../../../src/rpc/auth/access.ts";
import { type AuditEvent, auditLine, withAudit } from "../../../src/rpc/auth/audit.ts";
import { parseClients } from "../../../src/rpc/auth/clients.ts";
import { parseTokens } from "../../../src/rpc/auth/tokens.ts";
import { readTls, type TlsMaterial } from "../../../src/rpc/connections/tls.ts";
import { contractServices } from "../../../src/rpc/contract.ts";
import { connect, failureOf } from "../client.ts";
import { type Authority, type CertificateFolder, certificateFolder, type Pair } from "../connections/certificates.ts";
import { serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";
import { stubEngine } from "../stub-engine.ts";

const { getPolicy, setTradingHalt } = PolicyService.method;
const CLIENTS = parseClients(
  ["# who may what", "CN:the desk carl controller", "URI:spiffe://desk/viewer vera viewer"].join("\n"),
  "clients.txt",
);
const HALT = { halted: true, reason: "test" };

let folder: CertificateFolder;
let authority: Authority;
let tls: TlsMaterial;
let controller: Pair;
let viewer: Pair;
let stranger: Pair;

beforeAll(async () => {
  folder = certificateFolder();
  authority = folder.authority("ours");
  controller = authority.issue("the desk");
  viewer = authority.issue("number 7", 30, "URI:spiffe://desk/viewer");
  stranger = authority.issue("stranger");
  tls = await readTls({ ...authority.issue("server"), clientCa: authority.cert }, Date.now() + 1_000);
});
afterAll(() => folder.remove());

function clientOf({ port }: { readonly port: number }, pair: Pair) {
  const channel = credentials.createSsl(authority.pem, readFileSync(pair.key), readFileSync(pair.cert));
  const client = connect(`localhost:${port}`, channel);
  onTestFinished(() => client.close());
  return client;
}

describe("a server that knows client certificates", () => {
  it("lets them do what their names may, by CN or SAN, and the audit names the subject", async () => {
    const events: AuditEvent[] = [];
    const engine = stubEngine({});
    const about = { version: "1", adapters: {} };
    const services = contractServices(engine, about).map((each) => withAudit(each, (event) => events.push(event)));
    const { server } = await serve({}, { tls, access: accessBy({ clients: CLIENTS }), services });
    await clientOf(server, controller).call(setTradingHalt, HALT);
    await clientOf(server, viewer).call(getPolicy, {});
    const refused = await failureOf(clientOf(server, viewer).call(setTradingHalt, HALT));
    expect(refused.code).toBe(status.PERMISSION_DENIED);
    expect(events[0]?.principal).toEqual({ name: "carl", role: "controller", subject: "CN=the desk" });
    expect(events.map(auditLine)).toEqual([
      "carl (controller, certificate CN=the desk) ordered PolicyService/SetTradingHalt: halt: test",
    ]);
  });

  it("lets unknown ones do nothing, on the web port and its metrics as well", async () => {
    const access = accessBy({ clients: CLIENTS });
    const { server, engine } = await serve({}, { tls, access });
    const refused = await failureOf(clientOf(server, stranger).call(getPolicy, {}));
    expect(refused.code).toBe(status.PERMISSION_DENIED);
    expect(refused.details).toContain('the certificate of "CN=stranger" is nobody\'s');
    const metrics = { contentType: "text/plain", text: async () => "up 1\n" };
    const web = await serveWeb({}, { tls, access, metrics });
    const ask = (pair: Pair, path: string, body?: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const own = { ca: authority.pem, cert: readFileSync(pair.cert), key: readFileSync(pair.key), agent: false };
        const options = { ...own, method: body ? "POST" : "GET", headers: { "content-type": "application/json" } };
        request(`https://${web.server.address}${path}`, options, (answer) => resolve(answer.resume().statusCode))
          .on("error", reject)
          .end(body);
      });
    const policy = "/strategyruntime.v1.PolicyService/GetPolicy";
    expect([await ask(stranger, policy, "{}"), await ask(stranger, "/metrics")]).toEqual([403, 403]);
    expect([await ask(viewer, policy, "{}"), await ask(viewer, "/metrics")]).toEqual([200, 200]);
    expect([...engine.calls, ...web.engine.calls].map(({ method }) => method)).toEqual(["get"]);
  });

  it("takes a token before a certificate, and refuses one that is not known", async () => {
    const tokens = parseTokens("token-of-the-admin ann admin", "tokens.txt");
    const { server } = await serve({}, { tls, access: accessBy({ tokens, clients: CLIENTS }) });
    const metadata = { authorization: "Bearer token-of-the-admin" };
    await clientOf(server, stranger).call(setTradingHalt, HALT, { metadata });
    await clientOf(server, controller).call(setTradingHalt, HALT);
    const wrong = { authorization: "Bearer token-of-nobody-here" };
    const { code } = await failureOf(clientOf(server, controller).call(getPolicy, {}, { metadata: wrong }));
    expect(code).toBe(status.UNAUTHENTICATED);
  });

  it("takes every certificate for an admin's where none are named, and no call without one", async () => {
    const access = accessBy({ clients: ANY_CERTIFICATE });
    const { server } = await serve({}, { tls, access });
    await clientOf(server, stranger).call(setTradingHalt, HALT);
    expect(() => access.identify({ authorization: [] })).toThrow("a client certificate is required");
  });
});

describe("the file of client certificates", () => {
  it("names every line at fault", () => {
    const lines = [
      "CN:a b",
      "executor-1 e executor",
      "CN:a b trader",
      "CN:a -b viewer",
      "CN:c c viewer",
      "CN:c d viewer",
    ];
    let message = "";
    try {
      parseClients(lines.join("\n"), "clients.txt");
    } catch (error) {
      message = error instanceof RuntimeError ? error.message : "";
    }
    expect(message.split("; ").map((fault) => fault.replace("TLS_CLIENTS: clients.txt ", "").slice(0, 36))).toEqual([
      "line 1 does not have three parts: wr",
      "line 2 has no name of a certificate ",
      "line 3 has no known role third: use ",
      "line 4 has no valid principal second",
      "line 6 names a certificate again",
    ]);
    expect(() => parseClients("# none\n", "clients.txt")).toThrow("clients.txt has no line");
  });
});
