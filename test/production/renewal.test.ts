import { X509Certificate } from "node:crypto";
import { copyFileSync, readFileSync } from "node:fs";
import { connect as connectTls } from "node:tls";
import { credentials, status } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished } from "vitest";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { collect, connect, failureOf } from "../rpc/client.ts";
import { type CertificateFolder, certificateFolder, type Pair } from "../rpc/connections/certificates.ts";
import { startServer } from "../running-server.ts";

const { getPolicy } = PolicyService.method;
const { generateSignals } = StrategyRuntimeService.method;
const TOKENS = { ann: "token-of-ann-0123456789", bob: "token-of-bob-0123456789", eve: "token-of-eve-0123456789" };
const as = (name: keyof typeof TOKENS) => ({ metadata: { authorization: `Bearer ${TOKENS[name]}` } });
/** "token name executor", with the moment of the end. */
const line = (name: keyof typeof TOKENS, end = "") => `${TOKENS[name]} ${name} executor ${end}`.trim();

function newFolder(): CertificateFolder {
  const folder = certificateFolder();
  onTestFinished(() => folder.remove());
  return folder;
}

describe("a service whose files change", { timeout: 60_000 }, () => {
  it("ends streams of tokens that are gone or over, and no others, and takes new tokens", async () => {
    const folder = newFolder();
    const end = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 12_000);
    const eve = line("eve", end.toISOString().replace(".000", ""));
    const tokens = folder.write("tokens", [line("ann"), eve].join("\n"));
    const server = await startServer({ AUTH_TOKENS: tokens, DATA_DIR: "memory" });
    const client = connect(server.address);
    onTestFinished(() => client.close());
    const follow = { follow: true, resumeToken: "start" };
    const gone = collect(client.stream(generateSignals, follow, as("ann")));
    const over = collect(client.stream(generateSignals, follow, as("eve")));
    let isOver = false;
    void over.then(() => {
      isOver = true;
    });
    await client.call(getPolicy, {}, as("ann"));

    folder.write("tokens", [line("bob"), eve].join("\n"));
    const start = performance.now();
    const { error } = await gone;
    expect([error?.code, error?.details]).toEqual([status.UNAUTHENTICATED, expect.stringContaining("not known")]);
    expect(performance.now() - start).toBeLessThan(10_000);
    expect(Date.now() < end.getTime() && isOver).toBe(false);
    expect((await failureOf(client.call(getPolicy, {}, as("ann")))).code).toBe(status.UNAUTHENTICATED);
    await client.call(getPolicy, {}, as("bob"));

    // What cannot be used changes nothing.
    folder.write("tokens", "no token at all");
    await server.says(/AUTH_TOKENS cannot be read again, so what was read before stays in force/);
    await client.call(getPolicy, {}, as("bob"));

    const ended = await over;
    expect([ended.error?.code, ended.error?.details]).toEqual([
      status.UNAUTHENTICATED,
      expect.stringContaining("the token expired at"),
    ]);
    expect(Date.now()).toBeLessThan(end.getTime() + 10_000);
  });

  it("reads them on SIGHUP, which ends nothing", async () => {
    const folder = newFolder();
    const server = await startServer({ AUTH_TOKENS: folder.write("tokens", line("ann")), DATA_DIR: "memory" });
    const client = connect(server.address);
    onTestFinished(() => client.close());
    const stream = client.stream(generateSignals, { follow: true, resumeToken: "start" }, as("ann"));
    let hasEnded = false;
    void collect(stream).then(() => {
      hasEnded = true;
    });
    server.signal("SIGHUP");
    await server.says(/read again: AUTH_TOKENS/);
    await client.call(getPolicy, {}, as("ann"));
    expect(hasEnded).toBe(false);
    stream.cancel();
  });

  it("shows new connections the new certificate on both ports, and asks them for one of the new authority", async () => {
    const folder = newFolder();
    const [before, after] = [folder.authority("before"), folder.authority("after")];
    const put = (pair: Pair, clientCa: string) => {
      copyFileSync(clientCa, `${folder.path}/ca.pem`);
      copyFileSync(pair.key, `${folder.path}/key.pem`);
      copyFileSync(pair.cert, `${folder.path}/cert.pem`);
    };
    const first = before.issue("server");
    put(first, before.cert);
    const server = await startServer({
      TLS_CERT: `${folder.path}/cert.pem`,
      TLS_KEY: `${folder.path}/key.pem`,
      TLS_CLIENT_CA: `${folder.path}/ca.pem`,
      WEB_ADDRESS: "127.0.0.1:0",
      DATA_DIR: "memory",
    });
    const [, web = ""] = await server.says(/"webAddress":"([^"]+)"/);
    const port = (address: string) => Number(address.split(":").at(-1));
    const shown = (address: string, own: Pair) =>
      new Promise<string>((resolve, reject) => {
        const pair = { cert: readFileSync(own.cert), key: readFileSync(own.key) };
        const options = { port: port(address), ALPNProtocols: ["h2", "http/1.1"], rejectUnauthorized: false, ...pair };
        const socket = connectTls(options, () => {
          resolve(socket.getPeerCertificate().serialNumber);
          socket.destroy();
        }).on("error", reject);
      });
    const serial = ({ cert }: Pair) => new X509Certificate(readFileSync(cert)).serialNumber;
    const old = before.issue("client");
    expect([await shown(server.address, old), await shown(web, old)]).toEqual([serial(first), serial(first)]);
    const open = connect(
      `localhost:${port(server.address)}`,
      credentials.createSsl(before.pem, readFileSync(old.key), readFileSync(old.cert)),
    );
    onTestFinished(() => open.close());
    await open.call(getPolicy, {});
    const held = collect(open.stream(generateSignals, { follow: true, resumeToken: "start" }));
    const start = performance.now();

    const second = after.issue("server");
    const renewed = after.issue("client");
    put(second, after.cert);
    server.signal("SIGHUP");
    await server.says(/read again: TLS_CERT, TLS_KEY, TLS_CLIENT_CA/);
    expect([await shown(server.address, renewed), await shown(web, renewed)]).toEqual([serial(second), serial(second)]);
    const clientOf = (pair: Pair) => {
      const channel = credentials.createSsl(after.pem, readFileSync(pair.key), readFileSync(pair.cert));
      const client = connect(`localhost:${port(server.address)}`, channel);
      onTestFinished(() => client.close());
      return client;
    };
    await clientOf(renewed).call(getPolicy, {});
    expect((await failureOf(clientOf(old).call(getPolicy, {}))).code).toBe(status.UNAVAILABLE);
    // The new authority does not know the certificate of the connection that was open.
    expect((await held).error?.code).toBe(status.UNAVAILABLE);
    expect(performance.now() - start).toBeLessThan(10_000);
    await server.says(/closed 1 connections whose certificate TLS_CLIENT_CA no longer knows/);
  });
});
