import { connect as connectSocket, createServer, Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { Abandoned } from "../../../src/rpc/connections/abandoned.ts";
import { type ClosedFor, ConnectionLimit } from "../../../src/rpc/connections/connection-limit.ts";
import { bindServer } from "../../../src/rpc/connections/listener.ts";
import { frame, grpcStatus, rawCall, rawSession } from "../raw-http2.ts";
import { serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";
import { expectNothingUncaught } from "../uncaught.ts";

const GET_POLICY = "/strategyruntime.v1.PolicyService/GetPolicy";
const CALL = `POST ${GET_POLICY} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`;
const PROBE = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
const OTHER = "127.0.0.2";

expectNothingUncaught();

function counted() {
  const closed: ClosedFor[] = [];
  const connections = new ConnectionLimit({ most: 2_000, mostOfAddress: 2_000, onClosed: (why) => closed.push(why) });
  return { connections, floods: () => closed.filter((why) => why === "flood").length };
}

/** All that comes back for a text, on a connection of its own that the server closes. */
async function said(port: number, text: string, localAddress = "127.0.0.1"): Promise<string> {
  const socket = connectSocket({ port, host: "127.0.0.1", localAddress });
  onTestFinished(() => void socket.destroy());
  let all = "";
  socket
    .on("error", () => {})
    .on("data", (data) => {
      all += data;
    });
  socket.write(text);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  await Promise.race([closed, vi.waitUntil(() => all.length > 0, 5_000)]);
  return all;
}

/** Connections that each send hundreds of calls and leave, until the server closes them unread. */
async function floodWeb(port: number, floods: () => number): Promise<void> {
  for (let sent = 0; sent < 100 && floods() < 3; sent++) {
    const socket = connectSocket(port, "127.0.0.1");
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.resume().end(CALL.repeat(300));
    await closed;
  }
}

describe("requests of an address that are left before their answers", () => {
  it("are a flood where they are more than 500 in a second", () => {
    let now = 0;
    const abandoned = new Abandoned(() => now);
    const leave = (count: number) => Array.from({ length: count }, () => abandoned.add("a")).filter(Boolean).length;
    expect([leave(500), abandoned.isFlood("a")]).toEqual([0, false]);
    expect([leave(1), abandoned.isFlood("a"), abandoned.isFlood("b")]).toEqual([1, true, false]);
    now = 500;
    expect([abandoned.isFlood("a"), leave(200)]).toEqual([false, 0]);
    // However many there were, it is over after a second.
    leave(100_000);
    expect(abandoned.isFlood("a")).toBe(true);
    now = 1_501;
    expect(abandoned.isFlood("a")).toBe(false);
  });

  it("are forgotten", () => {
    let now = 0;
    const abandoned = new Abandoned(() => now);
    for (let index = 0; index < 10_000; index++) {
      now += 10;
      abandoned.add(`address ${index}`);
    }
    expect(abandoned.addresses).toBeLessThanOrEqual(1_001);
  });
});

describe("an address that sends requests by the hundred and leaves", () => {
  it("is heard no more on the web port, but for probes, until it stops", async () => {
    const { connections, floods } = counted();
    const { server, engine } = await serveWeb({}, { connections });
    await floodWeb(server.port, floods);
    expect(floods()).toBeGreaterThanOrEqual(3);
    const begun = engine.calls.length;
    for (const [text, answer] of [
      [PROBE, /^HTTP\/1\.1 200 OK/],
      [PROBE.replace("GET", "HEAD"), /^HTTP\/1\.1 200 OK/],
      [CALL, /^$/],
      [PROBE + CALL.repeat(300), /^$/],
      [PROBE.replace("healthz", "metrics"), /^$/],
    ] as const) {
      expect(await said(server.port, text)).toMatch(answer);
      expect(engine.calls.length).toBe(begun);
    }
    expect(await said(server.port, CALL, OTHER)).toContain("200 OK");
    await vi.waitFor(async () => expect(await said(server.port, CALL)).toContain("200 OK"), 5_000);
  });

  it("is heard no more on the gRPC port, and on neither port for what it did on the other", async () => {
    const { connections, floods } = counted();
    const grpc = await serve({}, { connections });
    const web = await serveWeb({}, { connections });
    for (let sent = 0; sent < 100 && floods() < 3; sent++) {
      const session = rawSession(grpc.server.address);
      for (let count = 0; count < 200; count++) {
        rawCall(session, GET_POLICY, undefined);
      }
      await new Promise((resolve) => session.once("remoteSettings", resolve).once("close", resolve));
      session.destroy();
    }
    expect(floods()).toBeGreaterThanOrEqual(3);
    expect(await said(web.server.port, CALL)).toBe("");
    const asked = () => grpcStatus(rawCall(rawSession(grpc.server.address), GET_POLICY, frame(Buffer.alloc(0))));
    await vi.waitFor(async () => expect(await asked()).toBe(0), 5_000);
  });

  it("has what it sent before closed unread", async () => {
    const { connections, floods } = counted();
    const { server, engine } = await serveWeb({}, { connections });
    // They are all in the queue of the port before the first is read.
    const sockets = Array.from({ length: 60 }, () => connectSocket(server.port, "127.0.0.1"));
    const closed = sockets.map(
      (socket) =>
        new Promise((resolve) =>
          socket
            .on("error", () => {})
            .resume()
            .once("close", resolve),
        ),
    );
    for (const socket of sockets) {
      socket.end(CALL.repeat(300));
    }
    await Promise.all(closed);
    expect(floods()).toBeGreaterThan(40);
    expect(engine.calls.length).toBeLessThan(1_000);
  });
});

describe("a connection that was reset before it was taken", () => {
  it("is let go, and nobody is told of it", async () => {
    const taken: unknown[] = [];
    const { connections } = counted();
    const server = createServer((socket) => taken.push(socket));
    const listener = await bindServer("127.0.0.1:0", server, { connections, settleMs: 1_000, hearsProbes: true });
    onTestFinished(() => listener.close());
    const reset = new Socket();
    server.emit("connection", reset);
    expect([taken, reset.destroyed, connections.open]).toEqual([[], true, 0]);
  });
});
