import { connect } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { type ClosedFor, ConnectionLimit } from "../../../src/rpc/connections/connection-limit.ts";
import { serveWeb } from "../serve-web.ts";
import { expectNothingUncaught } from "../uncaught.ts";

const GET_POLICY = "/strategyruntime.v1.PolicyService/GetPolicy";
const PLAIN = "application/json";

expectNothingUncaught();

const head = (path: string, ...more: readonly string[]) =>
  [`POST ${path} HTTP/1.1`, "host: localhost", ...more, "", ""].join("\r\n");

/** Sends a head and then pieces without end, until the server closes; answers what it said. */
async function endless(port: number, first: string, piece: Buffer) {
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let said = "";
  let isClosed = false;
  socket
    .on("error", () => {})
    .on("data", (data) => {
      said += data;
    });
  const closed = new Promise<void>((resolve) =>
    socket.once("close", () => {
      isClosed = true;
      resolve();
    }),
  );
  const send = (): void => {
    if (!isClosed) {
      socket.write(piece, () => setImmediate(send));
    }
  };
  socket.write(first);
  send();
  await closed;
  return { said, sent: socket.bytesWritten };
}

describe("a body in chunks of one byte", () => {
  const chunks = Buffer.from("1\r\n \r\n".repeat(10_000));

  it.each([
    ["a call", GET_POLICY, PLAIN, "429 Too Many Requests"],
    ["a stream", "/strategyruntime.v1.PerformanceService/WatchPerformance", "application/connect+json", "200 OK"],
    ["gRPC-Web", "/strategyruntime.v1.PerformanceService/WatchPerformance", "application/grpc-web+proto", "200 OK"],
  ])("is refused long before it is too large, and its address is a flood: %s", async (_, path, type, status) => {
    const closed: ClosedFor[] = [];
    const connections = new ConnectionLimit({ most: 100, mostOfAddress: 100, onClosed: (why) => closed.push(why) });
    const { server, engine, log, post } = await serveWeb({}, { connections });
    const { said } = await endless(
      server.port,
      head(path, `content-type: ${type}`, "transfer-encoding: chunked"),
      chunks,
    );
    expect(said).toContain(status);
    expect(said).toMatch(/in chunks of a few bytes|in%20chunks%20of%20a%20few%20bytes/);
    expect(engine.calls).toEqual([]);
    expect(log).toMatchObject([{ kind: "exhausted", method: path.slice(1), limit: "pieces" }]);
    await vi.waitFor(async () => expect((await post(GET_POLICY, {})).status).toBe(200), 5_000);
  });

  it("may be as small as a program writes lines", async () => {
    const { server } = await serveWeb();
    const line = `{"strategy_id": "a"${" ".repeat(40)}`;
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
    const socket = connect(server.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    let said = "";
    socket.on("data", (data) => {
      said += data;
    });
    socket.write(
      head("/strategyruntime.v1.StrategyService/GetStrategy", `content-type: ${PLAIN}`, "transfer-encoding: chunked"),
    );
    socket.write(chunk(line) + chunk(" ".repeat(30)).repeat(10_000) + chunk("}") + chunk("").slice(0, 5));
    await vi.waitFor(() => expect(said).toContain("200 OK"));
  });
});

describe("a request that was answered and goes on", () => {
  const tiny = Buffer.from("1\r\n \r\n".repeat(10_000));
  const large = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65_536), Buffer.from("\r\n")]);

  it.each([
    ["a page, in chunks of one byte", "/healthz", "transfer-encoding: chunked", tiny, "405"],
    ["a page, in large chunks", "/healthz", "transfer-encoding: chunked", large, "405"],
    ["a page, by a length", "/healthz", "content-length: 99999999999", Buffer.alloc(65_536), "405"],
    ["nothing", "/nothing", "transfer-encoding: chunked", tiny, "404"],
    ["a call of no type", GET_POLICY, "transfer-encoding: chunked", tiny, "415"],
  ])("loses its connection: %s", async (_, path, header, piece, status) => {
    const { server, post } = await serveWeb();
    const start = performance.now();
    const { said } = await endless(server.port, head(path, header), piece);
    expect(said).toContain(`HTTP/1.1 ${status}`);
    expect(performance.now() - start).toBeLessThan(5_000);
    expect((await post(GET_POLICY, {})).status).toBe(200);
  });

  it("goes on to the next where it ends at once", async () => {
    const { server } = await serveWeb();
    const socket = connect(server.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    let said = "";
    socket.on("data", (data) => {
      said += data;
    });
    socket.write(head("/healthz", "content-length: 10"));
    await vi.waitFor(() => expect(said).toContain("405"));
    socket.write("0123456789GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
    await vi.waitFor(() => expect(said).toContain("200 OK"));
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(socket.destroyed).toBe(false);
  });
});
