import { EventEmitter } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Server } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { beginInTurns } from "../../../src/rpc/grpc/grpc-floods.ts";

const POLICY = "/strategyruntime.v1.PolicyService";

/** A server whose calls take 1 ms each, which is more than a turn. */
function serverOf() {
  let now = 0;
  const begun: string[] = [];
  const server = {
    _streamHandler(_: unknown, stream: EventEmitter, headers: { readonly ":path": string }): void {
      begun.push(headers[":path"]);
      stream.once("end", () => begun.push(`end of ${headers[":path"]}`));
      now++;
    },
  };
  const onThrown = (error: unknown): never => {
    throw error;
  };
  beginInTurns(server as unknown as Server, onThrown, () => now);
  const send = (session: object, path: string): EventEmitter & { closed?: boolean; readableEnded?: boolean } => {
    const stream = Object.assign(new EventEmitter(), { session });
    server._streamHandler({}, stream, { ":path": path });
    return stream;
  };
  return { begun, send };
}

describe("requests that come together", () => {
  it("begin by turns, but for orders, which wait behind orders alone", async () => {
    const { begun, send } = serverOf();
    for (let count = 0; count < 100; count++) {
      send({ count }, `${POLICY}/GetPolicy`);
    }
    expect(begun).toHaveLength(1);
    send({}, `${POLICY}/SetTradingHalt`);
    expect(begun.at(-1)).toBe(`${POLICY}/SetTradingHalt`);
    send({}, `${POLICY}/SetRiskMode`);
    expect(begun.at(-1)).toBe(`${POLICY}/SetTradingHalt`);
    await nextTurn();
    expect(begun.slice(2).sort()).toEqual([`${POLICY}/GetPolicy`, `${POLICY}/SetRiskMode`]);
  });

  it("hear of their end though they have none to read, and it came while they waited", async () => {
    const { begun, send } = serverOf();
    send({}, "/first");
    const second = send({}, "/second");
    second.emit("end");
    second.readableEnded = true;
    await nextTurn();
    expect(begun).toEqual(["/first", "/second", "end of /second"]);
  });

  it("do not begin at all where they were reset meanwhile", async () => {
    const { begun, send } = serverOf();
    const session = {};
    send(session, "/first");
    const second = send(session, "/second");
    send(session, "/third");
    second.closed = true;
    await nextTurn();
    expect(begun).toEqual(["/first", "/third"]);
  });
});
