import { once } from "node:events";
import { readFileSync } from "node:fs";
import { get as httpGet } from "node:http";
import { get as httpsGet } from "node:https";
import { connect as connectSocket, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { credentials } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { type ClosedFor, ConnectionLimit } from "../../../src/rpc/connections/connection-limit.ts";
import { readTls } from "../../../src/rpc/connections/tls.ts";
import { collect, connect } from "../client.ts";
import { rawSession } from "../raw-http2.ts";
import * as sample from "../samples.ts";
import { serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";
import { type Authority, type CertificateFolder, certificateFolder, type Pair } from "./certificates.ts";
import { flood, HALVES } from "./half-open.ts";

const { getPolicy } = PolicyService.method;
const { generateSignals } = StrategyRuntimeService.method;
const FLOOD = 2_000;

let folder: CertificateFolder;
let ours: Authority;
let server: Pair;
beforeAll(() => {
  folder = certificateFolder();
  ours = folder.authority("ours");
  server = ours.issue("server");
});
afterAll(() => folder.remove());

function limitOf(mostOfAddress: number, most = 1_000) {
  const closed: ClosedFor[] = [];
  return { limit: new ConnectionLimit({ most, mostOfAddress, onClosed: (why) => closed.push(why) }), closed };
}

/** A probe, on a connection of its own. */
async function probe(url: string): Promise<{ readonly status: number | undefined; readonly tookMs: number }> {
  const start = performance.now();
  const ask = url.startsWith("https") ? httpsGet : httpGet;
  const [response] = await once(ask(url, { agent: false, rejectUnauthorized: false }), "response");
  await once(response.resume(), "end");
  return { status: response.statusCode, tookMs: performance.now() - start };
}

/** An HTTP/1.1 connection that has had an answer, and stays open. */
async function settled(port: number): Promise<Socket> {
  const socket = connectSocket(port, "127.0.0.1");
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await once(socket, "data");
  return socket;
}

describe.each(Object.entries(HALVES))("2,000 sockets that send %s", (name, half) => {
  const isTls = name.includes("TLS");

  it("do not keep probes of the web port waiting", { timeout: 60_000 }, async () => {
    const { limit, closed } = limitOf(250);
    const tls = isTls ? { tls: await readTls(server, Date.now()) } : {};
    const web = await serveWeb({}, { connections: limit, ...tls });
    const { sent, open } = flood(web.server.port, half, FLOOD);
    const url = `${isTls ? "https" : "http"}://127.0.0.1:${web.server.port}`;
    const probes: Awaited<ReturnType<typeof probe>>[] = [];
    let isSent = false;
    void sent.then(() => {
      isSent = true;
    });
    do {
      probes.push(...(await Promise.all(["/healthz", "/readyz"].map((path) => probe(url + path)))));
    } while (!isSent);
    probes.push(...(await Promise.all(["/healthz", "/readyz"].map((path) => probe(url + path)))));
    expect(new Set(probes.map(({ status }) => status))).toEqual(new Set([200]));
    expect(Math.max(...probes.map(({ tookMs }) => tookMs))).toBeLessThan(5_000);
    await vi.waitFor(() => expect(open()).toBeLessThanOrEqual(250), 10_000);
    expect(new Set(closed)).toEqual(new Set(["unfinished"]));
  });

  it("do not keep callers off the gRPC port", { timeout: 60_000 }, async () => {
    const { limit } = limitOf(250);
    const tls = isTls ? { tls: await readTls(server, Date.now()) } : {};
    const grpc = await serve({}, { connections: limit, ...tls });
    const { sent, open } = flood(grpc.server.port, half, FLOOD);
    await sent;
    const caller = isTls
      ? connect(`localhost:${grpc.server.port}`, credentials.createSsl(ours.pem))
      : connect(grpc.server.address);
    onTestFinished(() => caller.close());
    await caller.call(getPolicy, {}, { deadline: Date.now() + 10_000 });
    await vi.waitFor(() => expect(open()).toBeLessThanOrEqual(250), 10_000);
    expect(limit.open).toBeLessThanOrEqual(250);
  });
});

describe("connections that have sent a whole request", () => {
  it("are never closed for others: what is beyond the most of an address is closed at once", async () => {
    const { limit, closed } = limitOf(3);
    const grpc = await serve({}, { connections: limit });
    const web = await serveWeb({}, { connections: limit });
    const sessions = [rawSession(grpc.server.address), rawSession(grpc.server.address)];
    await Promise.all(sessions.map((session) => once(session, "remoteSettings")));
    await settled(web.server.port);
    await vi.waitFor(() => expect(limit.open).toBe(3));
    await once(rawSession(grpc.server.address), "close");
    expect(closed).toEqual(["address"]);
    expect(sessions.map(({ closed }) => closed)).toEqual([false, false]);
    sessions[0]?.destroy();
    await vi.waitFor(() => expect(limit.open).toBe(2));
    await grpc.client.call(getPolicy, {});
  });

  it("are bounded over all addresses, too", async () => {
    const { limit, closed } = limitOf(10, 2);
    const { server: grpc, client } = await serve({}, { connections: limit });
    const session = rawSession(grpc.address);
    await once(session, "remoteSettings");
    await client.call(getPolicy, {});
    await once(rawSession(grpc.address), "close");
    expect([closed, session.closed]).toEqual([["all"], false]);
  });

  it("leave room for probes on the web port, and for nothing else", async () => {
    const { limit, closed } = limitOf(2);
    const web = await serveWeb({}, { connections: limit });
    const held = [await settled(web.server.port), await settled(web.server.port)];
    for (const path of ["/healthz", "/readyz"]) {
      expect((await probe(web.url + path)).status).toBe(200);
    }
    const call = await fetch(`${web.url}/strategyruntime.v1.PolicyService/GetPolicy`, { method: "POST", body: "{}" });
    expect([call.status, call.headers.get("connection")]).toEqual([503, "close"]);
    // Whoever says nothing there is closed for the next.
    const { sent, open } = flood(web.server.port, "GET /hea", 500);
    await sent;
    expect((await probe(`${web.url}/healthz`)).status).toBe(200);
    await vi.waitFor(() => expect(open()).toBeLessThanOrEqual(16), 10_000);
    expect(new Set(closed)).toEqual(new Set(["unfinished"]));
    expect([web.engine.calls, held.map(({ destroyed }) => destroyed)]).toEqual([[], [false, false]]);
  });
});

describe("a connection that sends no whole request", () => {
  it("is closed on the gRPC port, and one that only waits to call is not", async () => {
    const { limit, closed } = limitOf(10);
    const { server: grpc } = await serve({}, { connections: limit, settleMs: 300 });
    const waiting = rawSession(grpc.address);
    await once(waiting, "remoteSettings");
    const { open } = flood(grpc.port, "PRI * HTTP/2.0\r\n\r", 2);
    await vi.waitFor(() => expect(open()).toBe(0), 5_000);
    expect([closed, waiting.closed]).toEqual([["slow", "slow"], false]);
  });

  it.each(["grpc", "web"])("is closed in the middle of a TLS hello: %s", async (port) => {
    const tls = await readTls(server, Date.now());
    const running =
      port === "grpc" ? await serve({}, { tls, settleMs: 300 }) : await serveWeb({}, { tls, requestMs: 600 });
    const { open } = flood(running.server.port, "\x16\x03\x01\x02\x00\x01\x00", 1);
    await vi.waitFor(() => expect(open()).toBe(0), 5_000);
  });
});

describe("a new client authority", () => {
  const mutual = async (...clientCas: readonly Authority[]) => {
    const clientCa = folder.write("cas.pem", Buffer.concat(clientCas.map(({ pem }) => pem)));
    return readTls({ ...server, clientCa }, Date.now());
  };
  const endless = {
    runtime: {
      async *follow(_: unknown, signal: AbortSignal) {
        yield sample.aBatch();
        await once(signal, "abort");
      },
    },
  };
  const material = ({ cert, key }: Pair) => ({ cert: readFileSync(cert), key: readFileSync(key), ca: ours.pem });
  const onGrpc = (port: number, pair: Pair) => {
    const { cert, key } = material(pair);
    const client = connect(`localhost:${port}`, credentials.createSsl(ours.pem, key, cert));
    onTestFinished(() => client.close());
    const stream = client.stream(generateSignals, { follow: true });
    const begun = once(stream, "data");
    return { begun, ended: collect(stream) };
  };
  const onWeb = async (port: number, pair: Pair, session?: Buffer) => {
    const options = { port, servername: "localhost", ...material(pair), ...(session && { session }) };
    const socket = connectTls(options);
    socket.on("error", () => {});
    onTestFinished(() => void socket.destroy());
    const gone = new Promise((resolve) => socket.once("close", () => resolve("gone")));
    const ticket = once(socket, "session");
    socket.write("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const said = await Promise.race([once(socket, "data").then(([data]) => String(data)), gone]);
    return { said, gone, ticket: said === "gone" ? undefined : (await ticket)[0], socket };
  };

  it("ends the connections that it does not know, on both ports, and no others", { timeout: 90_000 }, async () => {
    const [before, after] = [folder.authority("before"), folder.authority("after")];
    const tls = await mutual(before, after);
    const grpc = await serve(endless, { tls });
    const web = await serveWeb({}, { tls });
    const [old, young] = [before.issue("old"), after.issue("young")];
    const between = before.between("between");
    const behind = between.issue("behind");
    const streams = [old, behind, young].map((pair) => onGrpc(grpc.server.port, pair));
    await Promise.all(streams.map(({ begun }) => begun));
    const sockets = await Promise.all([old, behind, young].map((pair) => onWeb(web.server.port, pair)));

    const reordered = await mutual(between, after, before);
    expect([grpc.server.renewTls(reordered), web.server.renewTls(reordered)]).toEqual([0, 0]);
    const renewed = await mutual(after);
    expect([grpc.server.renewTls(renewed), web.server.renewTls(renewed)]).toEqual([2, 2]);
    expect((await Promise.all(streams.slice(0, 2).map(({ ended }) => ended))).map(({ error }) => error?.code)).toEqual([
      14, 14,
    ]);
    await Promise.all(sockets.slice(0, 2).map(({ gone }) => gone));
    expect(sockets[2]?.socket.destroyed).toBe(false);

    // A session of before opens no connection, either.
    expect((await onWeb(web.server.port, old, sockets[0]?.ticket)).said).toBe("gone");
    expect((await onWeb(web.server.port, young)).said).toContain("200 OK");
    grpc.server.close();
    await streams[2]?.ended;
  });
});
