import { fromBinary } from "@bufbuild/protobuf";
import { afterAll, describe, expect, it } from "vitest";
import { Action, TradeDecisionSchema } from "../../gen/strategyruntime/v1/decision_pb.ts";
import type { Position } from "../../src/domain/position.ts";
import { played, recordMinutes } from "./replayed.ts";
import { MINUTE, T0 } from "./rig.ts";

const recorded = recordMinutes();
afterAll(() => recorded.remove());

function position(positionId: string, symbol: string, side: Position["side"]): Position {
  const openedAt = T0 - 20 * MINUTE;
  return { positionId, strategyId: "leaves", symbol, side, sizeUsd: 1_000, entryPrice: 100, openedAt, feesUsd: 0 };
}

// Of the last nobody knows how it is to be left: its side is not the strategy's.
const positions = [position("one", "BTC", "LONG"), position("two", "ETH", "LONG"), position("three", "BTC", "SHORT")];

describe("a replay with open positions", { timeout: 60_000 }, () => {
  it("says when to leave them the same, twice, byte for byte, and at any speed", async () => {
    const once = await played({ dir: recorded.dir, speed: "max", positions });
    const told = once.map((line) => fromBinary(TradeDecisionSchema, Buffer.from(line.split(" ")[3] ?? "", "hex")));
    const left = told.filter(({ strategyId }) => strategyId === "leaves");
    expect(new Set(left.map(({ action }) => action))).toEqual(new Set([Action.CLOSE, Action.ADJUST]));
    expect(new Set(left.map(({ positionId }) => positionId))).toEqual(new Set(["one", "two"]));
    expect(await played({ dir: recorded.dir, speed: "max", positions })).toEqual(once);
    expect(await played({ dir: recorded.dir, speed: 36_000, positions })).toEqual(once);
  });
});
