import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { create, toBinary } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { PolicyService, SetTradingHaltRequestSchema } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { UNLIMITED } from "../../../src/rpc/budgets/account.ts";
import { Budgets } from "../../../src/rpc/budgets/budgets.ts";
import { OpenCalls } from "../../../src/rpc/calls/open-calls.ts";
import { StreamLimit } from "../../../src/rpc/calls/stream-limit.ts";
import { PREFACE, wholeCall } from "../raw-frames.ts";
import * as sample from "../samples.ts";
import { serve } from "../serve.ts";
import { serveWeb } from "../serve-web.ts";
import { expectNothingUncaught } from "../uncaught.ts";

const POLICY = "/strategyruntime.v1.PolicyService";
const HALT = { halted: true, reason: "for good" };
/** More than begin in one turn of the loop, so that who comes behind them waits for the next. */
const READERS = 120;
const ENDS = ["closes", "resets"] as const;

expectNothingUncaught();

function post(path: string, body: object): string {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

/** What the engine was told to change, and the answers that count it. */
function counted() {
  const changes: unknown[] = [];
  const policy = {
    change: async (parts: unknown) => {
      changes.push(parts);
      return { policy: sample.POLICY, pending: false };
    },
  };
  return { answers: { policy }, changes };
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}).resume();
  onTestFinished(() => void socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Connections to a web port, which have all been taken. */
async function heard(port: number, count: number): Promise<readonly Socket[]> {
  const sockets = await Promise.all(Array.from({ length: count }, () => connected(port)));
  await Promise.all(
    sockets.map((socket) => {
      socket.write("GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
      return once(socket, "data");
    }),
  );
  return sockets;
}

function leave(socket: Socket, end: (typeof ENDS)[number]): void {
  if (end === "closes") {
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}

describe.each(ENDS)("an order that has come in full is carried out, though its caller %s", (end) => {
  it("before its turn, on the web port", async () => {
    const { answers, changes } = counted();
    const { server } = await serveWeb(answers);
    const [controller, ...readers] = (await heard(server.port, READERS + 1)) as [Socket, ...Socket[]];
    for (const reader of readers) {
      reader.write(post(`${POLICY}/GetPolicy`, {}).repeat(2));
    }
    controller.write(post(`${POLICY}/SetTradingHalt`, HALT));
    leave(controller, end);
    await vi.waitFor(() => expect(changes).toEqual([{ halted: true, haltReason: "for good" }]));
  });

  it("before its turn, over gRPC", async () => {
    const { answers, changes } = counted();
    const { server } = await serve(answers);
    const sockets = await Promise.all(Array.from({ length: READERS + 1 }, () => connected(server.port)));
    await Promise.all(
      sockets.map((socket) => {
        socket.write(PREFACE);
        return once(socket, "data");
      }),
    );
    const [controller, ...readers] = sockets as [Socket, ...Socket[]];
    for (const reader of readers) {
      reader.write(Buffer.concat([1, 3].map((stream) => wholeCall(stream, `${POLICY}/GetPolicy`))));
    }
    const message = toBinary(SetTradingHaltRequestSchema, create(SetTradingHaltRequestSchema, HALT));
    controller.write(wholeCall(1, `${POLICY}/SetTradingHalt`, message));
    leave(controller, end);
    await vi.waitFor(() => expect(changes).toEqual([{ halted: true, haltReason: "for good" }]));
  });
});

describe("an order whose caller leaves", () => {
  it("while it is decoded is carried out", async () => {
    const { answers, changes } = counted();
    const strategyIds = Array.from({ length: 50_000 }, (_, index) => `strategy-${index}`);
    const { server } = await serveWeb(answers);
    const controller = await connected(server.port);
    controller.write(post(`${POLICY}/SetAllowedStrategies`, { strategyIds }), () => controller.destroy());
    await vi.waitFor(() => expect(changes.length).toBe(1), 10_000);
  });
});

describe("an order whose call is over before its work begins", () => {
  const { setTradingHalt, getPolicy } = PolicyService.method;

  /** A call whose end is said by hand. */
  function wireCall(peer = "192.0.2.1:1") {
    let onEnd = (): void => {};
    return {
      metadata: new Metadata(),
      getPeer: () => peer,
      getDeadline: () => Number.POSITIVE_INFINITY,
      once: (_: "cancelled", listener: () => void) => {
        onEnd = listener;
      },
      end: () => onEnd(),
    };
  }

  function opened(orders = 1) {
    const budgets = new Budgets({ limits: { ...UNLIMITED, orders } });
    const calls = new OpenCalls({
      streams: new StreamLimit(1),
      stallMs: 1_000,
      evict: () => {},
      log: () => {},
      budgets,
    });
    onTestFinished(() => calls.stop());
    return { budgets, calls };
  }

  it("is done on its caller's budget, which it takes anew", async () => {
    const { budgets, calls } = opened();
    const wire = wireCall();
    const call = calls.open(wire, setTradingHalt);
    wire.end();
    expect(budgets.callers).toBe(0);
    const work = Promise.withResolvers<string>();
    const done = call.work(() => work.promise);
    expect(() => calls.open(wireCall(), setTradingHalt)).toThrow("ORDERS_PER_CALLER");
    work.resolve("done");
    expect(await done).toBe("done");
    expect(budgets.callers).toBe(0);
  });

  it("is refused where nothing of that is left", async () => {
    const { calls } = opened();
    const wire = wireCall();
    const call = calls.open(wire, setTradingHalt);
    wire.end();
    calls.open(wireCall(), setTradingHalt);
    await expect(call.work(async () => "done")).rejects.toThrow("ORDERS_PER_CALLER");
  });

  it("is done where its connection has gone before anybody looked, and holds up no way down", async () => {
    const { calls } = opened();
    const call = calls.open(wireCall("unknown"), setTradingHalt);
    expect(call.stopped?.code).toBe("cancelled");
    expect(await call.work(async () => "done")).toBe("done");
    await calls.drain(60_000);
    expect(() => calls.open(wireCall("unknown"), getPolicy)).toThrow("the server is going down");
  });
});
