import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { createServer, get } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { credentials, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { readTls, type TlsFiles, tlsOptions } from "../../../src/rpc/connections/tls.ts";
import { collect, connect, failureOf, type TestClient } from "../client.ts";
import { frame, rawCall } from "../raw-http2.ts";
import * as sample from "../samples.ts";
import { serve } from "../serve.ts";
import { type Authority, type CertificateFolder, certificateFolder, type Pair } from "./certificates.ts";

const { getPolicy } = PolicyService.method;

let folder: CertificateFolder;
let ours: Authority;
let stranger: Authority;
let server: Pair;
/** After the certificates were made: they are not valid before. */
let now: number;

beforeAll(() => {
  folder = certificateFolder();
  ours = folder.authority("ours");
  stranger = folder.authority("stranger");
  server = ours.issue("server");
  now = Date.now();
});
afterAll(() => folder.remove());

/** By name: a certificate may be for an address, but grpc-js cannot ask for one. */
function clientOf({ port }: { readonly port: number }, ca: Authority, pair?: Pair): TestClient {
  const [key, cert] = pair === undefined ? [null, null] : [readFileSync(pair.key), readFileSync(pair.cert)];
  const client = connect(`localhost:${port}`, credentials.createSsl(ca.pem, key, cert));
  onTestFinished(() => client.close());
  return client;
}

const soon = () => ({ deadline: Date.now() + 20_000 });

describe("a server with a certificate", () => {
  it("serves clients that trust its authority, streams included", async () => {
    const { server: running } = await serve({}, { tls: await readTls(server, now) });
    const client = clientOf(running, ours);
    await expect(client.call(getPolicy, {}, soon())).resolves.toBeDefined();
    const stream = client.stream(StrategyRuntimeService.method.generateSignals, { symbols: ["X"] }, soon());
    const { messages, error } = await collect(stream);
    expect(error).toBeUndefined();
    expect(messages.flatMap(({ decisions }) => decisions)).toHaveLength(1);
  });

  it("is refused by clients that trust another, and knows the caller's address", async () => {
    const peers: string[] = [];
    const hear = async (call: { readonly peer: string }, next: () => Promise<void>) => {
      peers.push(call.peer);
      await next();
    };
    const { server: running } = await serve({}, { tls: await readTls(server, now), hooks: [hear] });
    const { code, details } = await failureOf(clientOf(running, stranger).call(getPolicy, {}, soon()));
    expect(code).toBe(status.UNAVAILABLE);
    expect(details).toContain("unable to verify the first certificate");
    await clientOf(running, ours).call(getPolicy, {}, soon());
    expect(peers).toEqual([expect.stringMatching(/^127\.0\.0\.1:\d+$/)]);
  });

  it("does not serve plaintext, and goes on serving others", async () => {
    const { server: running, client: plain } = await serve({}, { tls: await readTls(server, now) });
    expect((await failureOf(plain.call(getPolicy, {}, soon()))).code).toBe(status.UNAVAILABLE);
    await clientOf(running, ours).call(getPolicy, {}, soon());
  });

  it("closes the connection of a reader that takes nothing", async () => {
    const large = sample.aBatch({ decisions: [sample.aDecision({ reasoning: "x".repeat(200_000) })] });
    const endless = async function* () {
      for (;;) {
        yield large;
      }
    };
    const options = { tls: await readTls(server, now), stallMs: 300 };
    const { server: running, log } = await serve({ runtime: { follow: endless } }, options);
    const session = connectHttp2(`https://${running.address}`, { ca: ours.pem });
    session.on("error", () => {});
    onTestFinished(() => session.destroy());
    const follow = frame(Buffer.from([0x18, 0x01]));
    const stalled = rawCall(session, "/strategyruntime.v1.StrategyRuntimeService/GenerateSignals", follow);
    await once(stalled, "response");
    await once(session, "close");
    expect(log).toMatchObject([{ kind: "evicted", peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) }]);
  });

  it("goes down in order", async () => {
    const { server: running } = await serve({}, { tls: await readTls(server, now) });
    const client = clientOf(running, ours);
    await client.call(getPolicy, {}, soon());
    await running.drain(1_000);
    expect((await failureOf(client.call(getPolicy, {}, soon()))).code).toBe(status.UNAVAILABLE);
  });
});

describe("a server with a client authority", () => {
  const mutual = () => readTls({ ...server, clientCa: ours.cert }, now);

  it("serves clients with a certificate of that authority", async () => {
    const { server: running } = await serve({}, { tls: await mutual() });
    await clientOf(running, ours, ours.issue("executor")).call(getPolicy, {}, soon());
  });

  it("refuses clients without a certificate, and with one of another authority", async () => {
    const { server: running, engine } = await serve({}, { tls: await mutual() });
    for (const pair of [undefined, stranger.issue("executor")]) {
      const { code } = await failureOf(clientOf(running, ours, pair).call(getPolicy, {}, soon()));
      expect(code).toBe(status.UNAVAILABLE);
    }
    expect(engine.calls).toEqual([]);
    await clientOf(running, ours, ours.issue("executor")).call(getPolicy, {}, soon());
  });
});

describe("a server of Node's own with the same files", () => {
  it("serves https, and refuses clients without a certificate", async () => {
    const tls = await readTls({ ...server, clientCa: ours.cert }, now);
    const web = createServer(tlsOptions(tls), (_, response) => response.end("served"));
    await new Promise<void>((resolve) => web.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void web.close());
    const { port } = web.address() as AddressInfo;
    const pair = ours.issue("browser");
    const fetched = (client: object) =>
      new Promise<number | undefined>((resolve, reject) => {
        const options = { host: "127.0.0.1", port, ca: ours.pem, agent: false, ...client };
        get(options, (response) => resolve(response.resume().statusCode)).on("error", reject);
      });
    expect(await fetched({ cert: readFileSync(pair.cert), key: readFileSync(pair.key) })).toBe(200);
    await expect(fetched({})).rejects.toThrow();
  });
});

describe("files that cannot be used", () => {
  async function faultsOf(files: TlsFiles, at = now): Promise<readonly string[]> {
    const error = await readTls(files, at).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof RuntimeError)) {
      throw new Error("the files were taken");
    }
    expect(error.code).toBe("invalid");
    return error.violations.map(({ field, description }) => `${field}: ${description}`);
  }

  it("are all named at once", async () => {
    const missing = { cert: "no/cert", key: "no/key", clientCa: "no/ca" };
    const unread = "cannot read the file named (it is not shown: it may be a secret) (ENOENT)";
    expect(await faultsOf(missing)).toEqual(
      ["TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA"].map(
        (field) => `${field}: ${unread}: name a file that this process may read`,
      ),
    );
  });

  it("are never quoted where the key itself was given in place of its path", async () => {
    const key = readFileSync(server.key, "utf8");
    const faults = (await faultsOf({ ...server, key })).join();
    expect(faults).toMatch(/^TLS_KEY: cannot read the file named/);
    expect(key.split("\n").filter((line) => line.length > 8 && faults.includes(line))).toEqual([]);
  });

  it("are told apart by what is wrong with them", async () => {
    const empty = folder.write("empty.pem", "");
    const torn = folder.write("torn.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    expect((await faultsOf({ ...server, cert: empty })).join()).toContain(`TLS_CERT: ${empty} holds no certificate`);
    expect((await faultsOf({ ...server, cert: torn })).join()).toContain(`TLS_CERT: ${torn} holds a certificate that`);
    expect((await faultsOf({ ...server, key: empty })).join()).toContain(`TLS_KEY: ${empty} holds no private key`);
    expect((await faultsOf({ ...server, key: stranger.key })).join()).toContain(
      `TLS_KEY: ${stranger.key} does not belong to the certificate in ${server.cert}`,
    );
    const both = folder.write("two.pem", Buffer.concat([ours.pem, Buffer.from("\n"), readFileSync(torn)]));
    expect((await faultsOf({ ...server, clientCa: both })).join()).toContain("holds 2 certificates; number 2");
  });

  it("include a key with a passphrase, and never show the key", async () => {
    const sealed = join(folder.path, "sealed.key");
    execFileSync("openssl", ["pkey", "-in", server.key, "-aes256", "-passout", "pass:secret", "-out", sealed]);
    const [fault] = await faultsOf({ ...server, key: sealed });
    expect(fault).toBe(`TLS_KEY: ${sealed} is protected by a passphrase: give the key without one`);
    const swapped = await faultsOf({ cert: server.key, key: server.cert });
    expect(swapped.join()).not.toContain(readFileSync(server.key, "latin1").split("\n")[1]);
  });

  it("include certificates that are not valid yet, or no longer", async () => {
    const short = ours.issue("short", 1);
    now = Date.now();
    expect((await faultsOf(short, now + 2 * 86_400_000)).join()).toContain("(CN=short) that was valid until");
    expect((await faultsOf(short, now - 86_400_000)).join()).toContain("that is not valid before");
    await expect(readTls(short, now)).resolves.toBeDefined();
  });
});
