import { create, type DescMessage, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import {
  EvaluateRequestSchema,
  ListDecisionsRequestSchema,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { BatchSaveStrategiesRequestSchema } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { LongWorks } from "../../../src/engine/concurrency/long-work.ts";
import { decodeRequest } from "../../../src/rpc/calls/read-request.ts";
import { contractServices } from "../../../src/rpc/contract.ts";
import { countPlanOf } from "../../../src/rpc/intake/count-plan.ts";
import { isBounded } from "../../../src/rpc/intake/most-entries.ts";
import { stubEngine } from "../stub-engine.ts";

const made = vi.hoisted(() => ({ pieces: 0 }));
vi.mock("@bufbuild/protobuf", async (original) => {
  const real = await original<typeof import("@bufbuild/protobuf")>();
  const mergeFromBinary: typeof real.mergeFromBinary = (...given) => {
    made.pieces++;
    return real.mergeFromBinary(...given);
  };
  return { ...real, mergeFromBinary };
});
beforeEach(() => {
  made.pieces = 0;
});

/** A clock that is late after some looks, so that all long work rests. */
function restless() {
  let now = 0;
  const clock = {
    monotonic: () => {
      now += 5;
      return now;
    },
    after: (_: number, task: () => void) => {
      setImmediate(task);
      return () => {};
    },
  };
  return new LongWorks(clock);
}

function decode<D extends DescMessage>(schema: D, bytes: Uint8Array, longWorks = restless()) {
  return decodeRequest(schema, bytes, longWorks.work());
}

async function refusal(schema: DescMessage, bytes: Uint8Array): Promise<RuntimeError> {
  const error = await decode(schema, bytes).then(
    () => new Error("was taken"),
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(RuntimeError);
  return error;
}

const bytesOf = <D extends DescMessage>(schema: D, init: MessageInitShape<D>) => toBinary(schema, create(schema, init));
const bytes = (...parts: readonly (number | readonly number[])[]) => Uint8Array.from(parts.flat());

describe("a request's lists", () => {
  it("are each bounded by somebody who has thought about it", () => {
    const unbounded = new Set<string>();
    const seen = new Set<DescMessage>();
    const look = (desc: DescMessage): void => {
      for (const field of seen.has(desc) ? [] : desc.fields) {
        const isMany = field.fieldKind === "list" || field.fieldKind === "map";
        if (isMany && !isBounded(field)) {
          unbounded.add(`${desc.typeName}.${field.name}`);
        }
        seen.add(desc);
        if (field.message !== undefined) {
          look(field.message);
        }
      }
    };
    for (const { descriptor } of contractServices(stubEngine({}), { version: "1", adapters: {} })) {
      for (const { input } of descriptor.methods) {
        look(input);
      }
    }
    expect([...unbounded]).toEqual([]);
  });

  it("have a bound in all messages together", () => {
    const { lists } = countPlanOf(BatchSaveStrategiesRequestSchema);
    expect(Object.fromEntries(lists.map(({ path, most }) => [path, most]))).toEqual({
      strategies: 1_000,
      "strategies.entry.all.rules": 512_000,
      "strategies.entry.any.rules": 512_000,
      "strategies.entry.none.rules": 512_000,
      "strategies.exit.all.rules": 512_000,
      "strategies.exit.any.rules": 512_000,
      "strategies.exit.none.rules": 512_000,
      "strategies.entry_indicators": 32_000,
      "strategies.target_steps": 32_000,
      "strategies.allowed_regimes": 100_000,
      "strategies.symbols": 100_000,
      "strategies.labels": 32_000,
    });
  });

  it("that are too long are named with count and bound, and nothing is decoded", async () => {
    const bars = new Uint8Array(2 * 3_000_000).map((_, index) => (index % 2 === 0 ? 0x2a : 0));
    const error = await refusal(EvaluateRequestSchema, bars);
    expect(error).toMatchObject({
      code: "invalid",
      violations: [
        { field: "bars", description: expect.stringMatching(/^has 2\d{5} entries or more, must have at most 20000$/) },
      ],
    });
    expect(made.pieces).toBe(0);
  });

  it("are refused for texts, for maps, and inside other messages", async () => {
    const strategyIds = Array.from({ length: 10_001 }, () => "x");
    expect(
      (await refusal(ListDecisionsRequestSchema, bytesOf(ListDecisionsRequestSchema, { strategyIds }))).message,
    ).toBe("strategy_ids: has 10001 entries, must have at most 10000");
    const many = Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`RSI_${index}`, 1]));
    const entryIndicators = Array.from({ length: 1_001 }, () => ({}));
    const both = bytesOf(EvaluateRequestSchema, {
      indicators: many,
      strategy: { case: "config", value: { entryIndicators } },
    });
    expect((await refusal(EvaluateRequestSchema, both)).violations.map(({ field }) => field)).toEqual([
      "config.entry_indicators",
      "indicators",
    ]);
    const strategies = Array.from({ length: 40 }, () => ({ entryIndicators }));
    expect(
      (await refusal(BatchSaveStrategiesRequestSchema, bytesOf(BatchSaveStrategiesRequestSchema, { strategies })))
        .message,
    ).toBe("strategies.entry_indicators: has 40040 entries, must have at most 32000");
    expect(made.pieces).toBe(0);
  });

  it("that are a little too long inside a strategy are left to who judges the strategy", async () => {
    const strategies = [{ entryIndicators: Array.from({ length: 33 }, () => ({})) }];
    const wire = bytesOf(BatchSaveStrategiesRequestSchema, { strategies });
    expect((await decode(BatchSaveStrategiesRequestSchema, wire)).strategies[0]?.entryIndicators).toHaveLength(33);
  });
});

describe("bytes that would be read otherwise than they are counted", () => {
  const BARS = [0x2a, 0x00];
  it.each([
    ["a list of messages in a record of another kind", bytes(0x28, 4, BARS, BARS)],
    ["a double that is written as bytes", bytes(0x3a, 8, ...Array<number[]>(4).fill(BARS))],
    ["a text that is written as a number", bytes(0x18, 0x7f)],
    [
      "a length of more than 32 bits, of which the decoder keeps the lower ones",
      bytes(0x1a, 0x82, 0x80, 0x80, 0x80, 0x10, BARS),
    ],
    ["a tag of more than 32 bits", bytes(0xaa, 0x80, 0x80, 0x80, 0x10, 0)],
    ["a tag that goes on and on", bytes(Array<number>(12).fill(0xaa))],
    ["a number that goes on and on", bytes(0x98, 0x06, Array<number>(11).fill(0x80), 0)],
    ["a length beyond the end", bytes(0x1a, 5, 1)],
    ["a length beyond the end of the message around it", bytes(0x2a, 2, 0x0a, 9, ...Array<number[]>(9).fill(BARS))],
    ["half a tag", bytes(0xaa)],
    ["half a double", bytes(0x39, 1, 2, 3)],
    ["field 0", bytes(0x02, 0)],
    ["a group", bytes(0x0b, BARS, 0x0c)],
    ["groups in groups", bytes(Array<number>(100_000).fill(0x0b))],
    ["the end of no group", bytes(0x0c)],
    ["a kind that there is not", bytes(0x0e)],
    ["an entry of a map whose key is a number", bytes(0x32, 2, 0x08, 1)],
    ["more fields than there are", bytes(Array<number[]>(400_000).fill([0x1a, 0x00]).flat())],
    ["more unknown fields than there are", bytes(Array<number[]>(400_000).fill([0x78, 0x00]).flat())],
    ["a text of more than 1 MiB", Uint8Array.from([0x1a, 0x81, 0x80, 0x40, ...new Uint8Array(1024 * 1024 + 1)])],
  ])("are refused: %s", async (_, wire) => {
    const error = await refusal(EvaluateRequestSchema, wire);
    expect(error.message).toMatch(/^the request is no valid strategyruntime\.v1\.EvaluateRequest \(/);
    expect([error.code, made.pieces]).toEqual(["invalid", 0]);
  });

  it("never give more than was counted, whatever the bytes are", async () => {
    const valid = bytesOf(EvaluateRequestSchema, {
      symbol: "BTC",
      indicators: { RSI: 1, EMA: 2 },
      bars: [{ open: 1, openTime: { seconds: 5n } }, { close: 2 }],
      strategy: { case: "config", value: { name: "é", symbols: ["a", "b"], labels: { a: "b" }, maxPositions: 3 } },
    });
    const change = fc.record({ at: fc.nat(valid.length - 1), to: fc.nat(255), cut: fc.nat(200) });
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
        const wire = Uint8Array.from(valid);
        for (const { at, to } of changes) {
          wire[at] = to;
        }
        const given = changes[0]?.cut === 0 ? wire.subarray(0, changes[0].at) : wire;
        const taken = await decode(EvaluateRequestSchema, given).catch((error: unknown) => {
          expect(error).toMatchObject({ code: "invalid" });
          return undefined;
        });
        if (taken !== undefined) {
          expect(taken).toEqual(fromBinary(EvaluateRequestSchema, given, { readUnknownFields: false }));
        }
      }),
      { numRuns: 3_000 },
    );
  });
});

describe("a request that is valid", () => {
  it("is decoded in pieces to what it is, with rests between", async () => {
    const wire = bytesOf(EvaluateRequestSchema, {
      symbol: "BTC",
      bars: Array.from({ length: 20_000 }, (_, index) => ({ open: index, openTime: { seconds: BigInt(index) } })),
      strategy: { case: "config", value: { name: "n", entryIndicators: [{ name: "RSI" }] } },
    });
    const longWorks = restless();
    expect(await decode(EvaluateRequestSchema, wire, longWorks)).toEqual(fromBinary(EvaluateRequestSchema, wire));
    expect(made.pieces).toBeGreaterThan(15);
    expect(longWorks.rests).toBeGreaterThan(15);
  });

  it("is given up between two pieces where nobody waits for it any more", async () => {
    const bars = Array.from({ length: 20_000 }, (_, index) => ({ open: index }));
    const gone = new AbortController();
    gone.abort(new RuntimeError("cancelled", "the caller has left"));
    const wire = bytesOf(EvaluateRequestSchema, { bars });
    const decoding = decodeRequest(EvaluateRequestSchema, wire, restless().work(gone));
    await expect(decoding).rejects.toMatchObject({ code: "cancelled" });
    expect(made.pieces).toBeLessThan(10);
  });

  it("has no one strategy with more rules than can be judged in one turn", async () => {
    const wire = (count: number, strategies = 1) => {
      const rules = Array.from({ length: count }, () => ({}));
      const entry = { rule: { case: "any" as const, value: { rules } } };
      return bytesOf(BatchSaveStrategiesRequestSchema, {
        strategies: Array.from({ length: strategies }, () => ({ entry })),
      });
    };
    const { message } = await refusal(BatchSaveStrategiesRequestSchema, wire(1_001));
    expect(message).toContain("strategies.entry.any.rules: has 1001 entries in one, must have at most 1000");
    expect(made.pieces).toBe(0);
    expect((await decode(BatchSaveStrategiesRequestSchema, wire(512, 20))).strategies).toHaveLength(20);
  });

  it("may have fields in any order, twice, and such as are to come", async () => {
    const later = new BinaryWriter()
      .uint32((99 << 3) | 2)
      .string("x")
      .uint32((98 << 3) | 5)
      .float(1)
      .finish();
    const wire = bytes(
      [...bytesOf(EvaluateRequestSchema, { symbol: "A", strategy: { case: "config", value: { name: "n" } } })],
      [...later],
      [...bytesOf(EvaluateRequestSchema, { symbol: "B", strategy: { case: "config", value: { timeframe: "1h" } } })],
    );
    const { symbol, strategy } = await decode(EvaluateRequestSchema, wire);
    expect([symbol, strategy.value]).toMatchObject(["B", { name: "n", timeframe: "1h" }]);
  });
});
