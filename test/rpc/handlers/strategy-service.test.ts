import { toJson } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { StrategyStatus } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { IndicatorDescriptionSchema, StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { memoryStrategies } from "../../../src/adapters/memory/memory-strategies.ts";
import { invalid, RuntimeError } from "../../../src/domain/errors.ts";
import type { StoredStrategy } from "../../../src/domain/strategy.ts";
import type { StrategyDesk } from "../../../src/engine/api.ts";
import { DEFINITIONS } from "../../../src/indicators/registry.ts";
import { encodePageToken } from "../../../src/rpc/pages.ts";
import { failureOf } from "../client.ts";
import { detailsOf, fieldsOf } from "../google-rpc.ts";
import * as sample from "../samples.ts";
import { serve } from "../serve.ts";

const { saveStrategy, batchSaveStrategies, getStrategy, listStrategies, setStrategyStatus, deleteStrategy } =
  StrategyService.method;
const { listIndicators } = StrategyService.method;

describe("SaveStrategy", () => {
  it("hands on what was given and answers with what is stored, and the warnings", async () => {
    const { engine, client } = await serve();
    const answer = await client.call(saveStrategy, {
      strategy: { strategyId: "dip", status: StrategyStatus.LIVE, version: 99n, minConfidence: 0 },
      expectedVersion: 0n,
      validateOnly: true,
    });
    expect(engine.argsOf("save")).toMatchObject([
      { strategyId: "dip", status: "LIVE", side: "", minConfidence: 0 },
      { expectedVersion: 0, validateOnly: true },
    ]);
    expect(engine.argsOf("save")[0]).not.toHaveProperty("version");
    expect(answer).toMatchObject({ strategy: { strategyId: "dip", version: 3n }, warnings: ["looks odd"] });
  });

  it("saves over any version where none is expected", async () => {
    const { engine, client } = await serve();
    await client.call(saveStrategy, { strategy: { strategyId: "dip" } });
    expect(engine.argsOf("save")[1]).toEqual({ validateOnly: false });
  });

  it("passes a version beyond all counters on, for the engine to refuse", async () => {
    const { engine, client } = await serve();
    await client.call(saveStrategy, { strategy: {}, expectedVersion: 2n ** 63n - 1n });
    expect(engine.argsOf("save")[1]).toMatchObject({ expectedVersion: Number.MAX_SAFE_INTEGER });
  });

  it("refuses a request without a strategy", async () => {
    const { client } = await serve();
    expect(fieldsOf(await failureOf(client.call(saveStrategy, { expectedVersion: -1n })))).toEqual([
      "expected_version",
      "strategy",
    ]);
  });

  it("reports a wrong expected_version together with the faults of the strategy, and stores nothing", async () => {
    const fault = { field: "entry_indicators[1].operator", description: "is wrong" };
    const { engine, client } = await serve({ strategies: { save: () => Promise.reject(invalid([fault])) } });
    const error = await failureOf(client.call(saveStrategy, { strategy: {}, expectedVersion: -1n }));
    expect(fieldsOf(error)).toEqual(["expected_version", "entry_indicators[1].operator"]);
    expect(engine.argsOf("save")[1]).toEqual({ validateOnly: true });
  });

  it("passes on every violation that the engine found, in its order", async () => {
    const violations = Array.from({ length: 20 }, (_, index) => ({ field: `f[${index}]`, description: "is wrong" }));
    const { client } = await serve({ strategies: { save: () => Promise.reject(invalid(violations)) } });
    const error = await failureOf(client.call(saveStrategy, { strategy: {} }));
    expect(detailsOf(error).violations).toEqual(violations);
  });
});

describe("BatchSaveStrategies", () => {
  it("answers each on its own, in order", async () => {
    const saveMany: StrategyDesk["saveMany"] = async ([first]) => [
      { strategy: sample.aStored(first), warnings: ["odd"] },
      { error: "name: is empty" },
    ];
    const { client } = await serve({ strategies: { saveMany } });
    const { results } = await client.call(batchSaveStrategies, {
      strategies: [{ strategyId: "a" }, { strategyId: "b" }],
    });
    expect(results).toMatchObject([
      { strategyId: "a", result: { case: "strategy", value: { strategyId: "a" } }, warnings: ["odd"] },
      { strategyId: "b", result: { case: "error", value: "name: is empty" }, warnings: [] },
    ]);
  });

  it("gives errors whole where clients take them, so that all can be mended at once", async () => {
    const saveMany: StrategyDesk["saveMany"] = async (drafts) => drafts.map(() => ({ error: "x".repeat(10_000) }));
    const { client } = await serve({ strategies: { saveMany } });
    const strategies = Array.from({ length: 100 }, (_, index) => ({ strategyId: `s${index}` }));
    const { results } = await client.call(batchSaveStrategies, { strategies });
    expect(results.map(({ result }) => result.value)).toEqual(strategies.map(() => "x".repeat(10_000)));
  });

  it("cuts errors so that a thousand of them reach the caller", async () => {
    const saveMany: StrategyDesk["saveMany"] = async (drafts) => drafts.map(() => ({ error: "x".repeat(10_000) }));
    const { client } = await serve({ strategies: { saveMany } });
    const strategies = Array.from({ length: 1_000 }, (_, index) => ({ strategyId: `s${index}` }));
    const { results } = await client.call(batchSaveStrategies, { strategies });
    expect(results).toHaveLength(1_000);
    expect(results[999]?.result.value).toMatch(/^x{2000}… and more, which SaveStrategy names$/);
  });

  it("takes 1 to 1,000", async () => {
    const { engine, client } = await serve();
    const strategies = Array.from({ length: 1_001 }, (_, index) => ({ strategyId: `s${index}` }));
    const { results } = await client.call(batchSaveStrategies, { strategies: strategies.slice(1) });
    expect(results.map(({ strategyId }) => strategyId)).toEqual(
      strategies.slice(1).map(({ strategyId }) => strategyId),
    );
    for (const wrong of [[], strategies]) {
      expect(fieldsOf(await failureOf(client.call(batchSaveStrategies, { strategies: wrong })))).toEqual([
        "strategies",
      ]);
    }
    expect(engine.calls).toHaveLength(1);
  });
});

describe("GetStrategy", () => {
  it("answers with the stored strategy", async () => {
    const { engine, client } = await serve();
    const { strategy } = await client.call(getStrategy, { strategyId: "dip" });
    expect(engine.argsOf("get")).toEqual(["dip"]);
    expect(strategy).toMatchObject({
      strategyId: "dip",
      status: StrategyStatus.LIVE,
      confidenceScaling: false,
      cooldown: { seconds: 60n },
      labels: { origin: "y", team: "x" },
      version: 3n,
      entryIndicators: [{ operand: { case: "value", value: 30 } }, { operand: { case: "indicator", value: "EMA_50" } }],
    });
  });

  it("names the field of an id that is none, and asks no store", async () => {
    const { engine, client } = await serve();
    for (const strategyId of ["", " ", "a\0b", "x".repeat(1_001)]) {
      const calls = [
        client.call(getStrategy, { strategyId }),
        client.call(setStrategyStatus, { strategyId, status: StrategyStatus.LIVE }),
      ];
      for (const failure of await Promise.all(calls.map((call) => failureOf(call)))) {
        expect(fieldsOf(failure)).toEqual(["strategy_id"]);
      }
    }
    expect(engine.calls).toEqual([]);
  });

  it("needs an id, and says NOT_FOUND where there is none such", async () => {
    const get = () => Promise.reject(new RuntimeError("not_found", "there is no strategy x: save it first"));
    const { client } = await serve({ strategies: { get } });
    expect(fieldsOf(await failureOf(client.call(getStrategy, {})))).toEqual(["strategy_id"]);
    const error = await failureOf(client.call(getStrategy, { strategyId: "x" }));
    expect([error.code, error.details]).toEqual([status.NOT_FOUND, "there is no strategy x: save it first"]);
  });
});

describe("SetStrategyStatus", () => {
  it("hands the status and the reason on", async () => {
    const { engine, client } = await serve();
    const request = { strategyId: "dip", status: StrategyStatus.SHADOW, reason: "drawdown" };
    const { strategy } = await client.call(setStrategyStatus, request);
    expect(engine.argsOf("setStatus")).toEqual(["dip", "SHADOW", "drawdown"]);
    expect(strategy?.status).toBe(StrategyStatus.SHADOW);
  });

  it("reports all faults at once", async () => {
    const { client } = await serve();
    const missing = await failureOf(client.call(setStrategyStatus, {}));
    expect(fieldsOf(missing)).toEqual(["strategy_id", "status"]);
    const unknown = await failureOf(client.call(setStrategyStatus, { strategyId: "x", status: 77 as never }));
    expect(detailsOf(unknown).violations[0]?.description).toMatch(/^is 77, must be one of CANDIDATE/);
  });
});

describe("DeleteStrategy", () => {
  it("hands the id and the reason on, and reports all faults at once", async () => {
    const { engine, client } = await serve();
    await client.call(deleteStrategy, { strategyId: "dip", reason: "never traded" });
    expect(engine.argsOf("delete")).toEqual(["dip", "never traded"]);
    const missing = await failureOf(client.call(deleteStrategy, { reason: "x".repeat(1_001) }));
    expect(fieldsOf(missing)).toEqual(["strategy_id", "reason"]);
  });
});

describe("ListIndicators", () => {
  it("tells of every indicator by name, with parameters, range and an example", async () => {
    const { client } = await serve();
    const { indicators } = await client.call(listIndicators, {});
    const names = indicators.map(({ name }) => name);
    expect(names).toEqual(DEFINITIONS.map(({ base }) => base).toSorted());
    const of = (name: string) => {
      const found = indicators.find((one) => one.name === name);
      return found && toJson(IndicatorDescriptionSchema, found);
    };
    expect(of("RSI")).toEqual({
      name: "RSI",
      parameters: [{ name: "n", least: 2, most: 500, defaultValue: 14, whole: true }],
      family: "oscillator",
      unit: "dimensionless",
      low: 0,
      high: 100,
      takesSource: true,
      formula: expect.stringContaining("Wilder's averages"),
      source: "TA-Lib RSI",
      firstBars: 15,
      settledBars: 388,
      example: "RSI_14 < 30",
    });
    expect(of("MAX")).toMatchObject({ parameters: [{ name: "n", least: 1, most: 500, whole: true }], low: 0 });
    expect(of("MAX")).not.toHaveProperty("high");
    expect(of("BB_UPPER")).toMatchObject({ parameters: [{ name: "n" }, { name: "k", least: 0.001, most: 10 }] });
    expect(of("BB_UPPER")).not.toHaveProperty("low");
    expect(of("CLOSE")).not.toHaveProperty("takesSource");
  });
});

describe("ListStrategies", () => {
  const rows: readonly StoredStrategy[] = [0.9, 0.8, undefined, undefined].map((fitness, index) => {
    const { fitnessScore: _, ...draft } = sample.aDraft({ strategyId: `s${index}` });
    return sample.aStored({ ...draft, ...(fitness !== undefined && { fitnessScore: fitness }) });
  });
  const list: StrategyDesk["list"] = async ({ after, limit }) => {
    const from = after === undefined ? 0 : rows.findIndex(({ strategyId }) => strategyId === after.strategyId) + 1;
    return rows.slice(from, from + limit);
  };

  it("pages through all, with the fitness where there is one", async () => {
    const { engine, client } = await serve({ strategies: { list } });
    const seen: string[] = [];
    let pageToken = "";
    do {
      const page = await client.call(listStrategies, { pageSize: 1, pageToken, status: StrategyStatus.LIVE });
      seen.push(...page.strategies.map(({ strategyId }) => strategyId));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(seen).toEqual(["s0", "s1", "s2", "s3"]);
    expect(engine.calls.map(({ args }) => args[0])).toEqual([
      { status: "LIVE", limit: 2 },
      { status: "LIVE", limit: 2, after: { strategyId: "s0", fitnessScore: 0.9 } },
      { status: "LIVE", limit: 2, after: { strategyId: "s1", fitnessScore: 0.8 } },
      { status: "LIVE", limit: 2, after: { strategyId: "s2" } },
    ]);
  });

  it("reaches every row, however many cannot be read (R44)", async () => {
    const broken = (strategyId: string): StoredStrategy => {
      return { strategyId, fault: "no JSON", version: 1, createdAt: 0, updatedAt: 0 };
    };
    const stored = [...rows, ...["a", "s2a", "s2b", "zy", "zz"].map(broken)];
    const { client } = await serve({ strategies: { list: (page) => memoryStrategies({ stored }).list(page) } });
    for (const pageSize of [1, 2, 3, 9]) {
      const pages: string[][] = [];
      let pageToken = "";
      do {
        const page = await client.call(listStrategies, { pageSize, pageToken });
        pages.push(page.strategies.map(({ strategyId }) => strategyId));
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      expect(pages.flat()).toEqual(["s0", "s1", "a", "s2", "s2a", "s2b", "s3", "zy", "zz"]);
      expect(pages.slice(0, -1).every(({ length }) => length === pageSize)).toBe(true);
    }
  });

  it("refuses a wrong size, an unknown status and a token for another status", async () => {
    const { client } = await serve({ strategies: { list } });
    const { nextPageToken } = await client.call(listStrategies, { pageSize: 1 });
    const request = { pageSize: -5, status: 9 as never, pageToken: nextPageToken.slice(1) };
    const error = await failureOf(client.call(listStrategies, request));
    expect(fieldsOf(error)).toEqual(["status", "page_token", "page_size"]);
    const other = await failureOf(
      client.call(listStrategies, { status: StrategyStatus.LIVE, pageToken: nextPageToken }),
    );
    expect(fieldsOf(other)).toEqual(["page_token"]);
    for (const place of [[1, null], [{}, 0.5], ["s0", "high"], ["s0"], "s0"]) {
      const made = failureOf(client.call(listStrategies, { pageToken: encodePageToken("strategies", [""], place) }));
      expect(fieldsOf(await made)).toEqual(["page_token"]);
    }
  });
});
