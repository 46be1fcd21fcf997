import { type DescMessage, equals, fromJson, type Message, toJson } from "@bufbuild/protobuf";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { faultsOf } from "../../../src/rpc/json/kept-faults.ts";
import type { ReadRequest } from "../../../src/rpc/json/read-json.ts";
import { messagesOf } from "./messages.ts";
import { noise } from "./noise.ts";
import { readText } from "./read-text.ts";

const REQUESTS: readonly DescMessage[] = [StrategyRuntimeService, StrategyService, PolicyService, PerformanceService]
  .flatMap(({ methods }) => methods)
  .map(({ input }) => input);

const { input: SAVE } = StrategyService.method.saveStrategy;

/** All that was noted, in the request and in the strategies in it. */
function allFaults(found: ReadRequest<DescMessage>): readonly string[] {
  const inside: string[] = [];
  const look = (value: unknown): void => {
    if (typeof value === "object" && value !== null) {
      inside.push(...(faultsOf(value as never) ?? []).map(({ description }) => description));
      Object.values(value).forEach(look);
    }
  };
  look(found.message);
  return [...found.faults.map(({ description }) => description), ...inside];
}

describe("any JSON", () => {
  it.each(REQUESTS)("of a message is read back as that message: $typeName", async (desc) => {
    await fc.assert(
      fc.asyncProperty(messagesOf(desc), fc.boolean(), async (message, useProtoFieldName) => {
        const found = await readText(desc, JSON.stringify(toJson(desc, message, { useProtoFieldName })));
        expect(allFaults(found)).toEqual([]);
        expect(toJson(desc, found.message)).toEqual(toJson(desc, message));
      }),
      { numRuns: 60 },
    );
  });

  it.each(REQUESTS)("is read, or refused as the caller's fault, and never otherwise: $typeName", async (desc) => {
    await fc.assert(
      fc.asyncProperty(noise, async (json) => {
        const theirs = acceptedBy(() => fromJson(desc, JSON.parse(JSON.stringify(json))));
        let ours: ReadRequest<DescMessage> | undefined;
        try {
          ours = await readText(desc, JSON.stringify(json));
        } catch (error) {
          expect(error).toBeInstanceOf(RuntimeError);
          expect((error as RuntimeError).code).toBe("invalid");
          expect(theirs).toBeUndefined();
          return;
        }
        if (theirs !== undefined) {
          // Protobuf takes numbers in quotes, and anything behind "300s".
          const faults = allFaults(ours).filter((each) => !/must be (a whole |a )?(number|duration)/.test(each));
          expect(faults).toEqual([]);
          expect(allFaults(ours).length > 0 || equals(desc, ours.message, theirs)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("that is no JSON, or cut off, is refused as the caller's fault", async () => {
    const whole = JSON.stringify({ strategy: { strategyId: "x", labels: { 'ä\\"': "b" } }, validateOnly: true });
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.nat(whole.length - 1).map((length) => whole.slice(0, length)),
      fc
        .tuple(fc.nat(whole.length), fc.string({ maxLength: 3 }))
        .map(([at, with_]) => whole.slice(0, at) + with_ + whole.slice(at)),
    );
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        try {
          await readText(SAVE, text);
        } catch (error) {
          expect(error).toMatchObject({ code: "invalid" });
        }
      }),
      { numRuns: 300 },
    );
  });
});

function acceptedBy<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

describe("JSON of a hostile caller takes no long time", () => {
  const MIB = 1024 * 1024;
  const many = (text: string): string => text.repeat(Math.floor((4 * MIB) / text.length));
  it.each([
    ["lists in lists", "[".repeat(4 * MIB)],
    ["objects in objects", many('{"a":')],
    ["strategies in strategies", many('{"strategy":')],
    ["the same key again and again", `{${many('"a":1,')}"a":1}`],
    ["unknown keys", `{${Array.from({ length: 300_000 }, (_, i) => `"takeprofit${i}":1`).join()}}`],
    [
      "unknown keys in a strategy",
      `{"strategy":{${Array.from({ length: 300_000 }, (_, i) => `"stop_los_${i}":"2%"`).join()}}}`,
    ],
    ["conditions of one letter", `{"strategy":{"entry_indicators":[${many('{"nam":"x"},')}{}]}}`],
    ["empty strategies", `{"strategies":[${many("{},")}{}]}`],
    [
      "unknown keys in many strategies",
      `{"strategies":[${Array.from({ length: 6_000 }, () => `{${Array.from({ length: 40 }, (_, i) => `"stop_los_${i}":1`).join()}}`).join()}]}`,
    ],
    [
      "keys of a strategy beside a large one",
      `{"strategy":{"labels":{${Array.from({ length: 300_000 }, (_, i) => `"${i}":1`).join()}}},${"strategy_id id name title status state conditions rules logic size sl tp regime pairs"
        .split(" ")
        .map((key) => `"${key}":1`)
        .join()}}`,
    ],
    [
      "parameters",
      `{"strategy":{"entry_indicators":[{"name":"RSI",${Array.from({ length: 100_000 }, (_, i) => `"p${"_".repeat(i % 60)}e${"_".repeat(Math.floor(i / 60) % 60)}riod${"_".repeat(Math.floor(i / 3_600))}":${i}`).join()}}]}}`,
    ],
    [
      "objects for names",
      `{"strategy":{"entry_indicators":[${Array.from({ length: 24_000 }, (_, i) => `{"name":{"type":"movingaverag${i}","n":1}}`).join()}]}}`,
    ],
    [
      "conditions under names",
      `{"strategy":{"entry_indicators":[${Array.from({ length: 24_000 }, (_, i) => `{"movingaverag${i}":"< 1"}`).join()}]}}`,
    ],
    ["a strategy in a strategy", `{"strategy":${'{"name":"x","s":'.repeat(195)}1${"}".repeat(195)}}`],
    ["a list in a text", `{"strategy":{"symbols":${JSON.stringify(many("A,"))}}}`],
    ["objects in objects in quotes", JSON.stringify({ strategy: '{"a":'.repeat(20_000) })],
    ["a long name", `{"strategy":{"status":${JSON.stringify(many("LIVE"))},"cooldown":${JSON.stringify(many("5m"))}}}`],
    ["a long number", `{"strategy":{"base_size_usd":"${many("1,")}","stop_loss_pct":${many("1")}}}`],
    ["quotation marks", many('"')],
    ["backslashes", `{"${many("\\")}`],
  ])("%s", async (_, text) => {
    const start = performance.now();
    let faults = 0;
    try {
      faults = await allFaultsOfSave(text);
    } catch (error) {
      expect(error).toMatchObject({ code: "invalid" });
    }
    expect(faults).toBeLessThan(200);
    // Less than a second on a quiet machine: JSON.parse, and looking for keys that come twice, take
    // most of it.
    expect(performance.now() - start).toBeLessThan(5_000);
  });
});

async function allFaultsOfSave(text: string): Promise<number> {
  const desc = text.startsWith('{"strategies"') ? StrategyService.method.batchSaveStrategies.input : SAVE;
  const { message, faults } = await readText<DescMessage>(desc, text);
  const { strategy } = message as { strategy?: Message };
  return faults.length + ((strategy && faultsOf(strategy)) ?? []).length;
}
