import { describe, expect, it } from "vitest";
import type { StrategyDraft } from "../../../src/domain/strategy.ts";
import { accepted, conditionOf, conditionsOf, draftOf, fieldsRefused, violationsOf } from "./drafts.ts";

const DAY_MS = 86_400_000;

describe("the canonical form of a strategy (R42)", () => {
  it("has every default filled in", () => {
    expect(accepted(draftOf())).toEqual({
      config: {
        strategyId: "rsi-dip",
        name: "Buys the dip",
        status: "LIVE",
        entryIndicators: [{ name: "RSI_14", operator: "<", operand: 30, timeframe: "1h" }],
        entryLogic: "ALL",
        baseSizeUsd: 1_000,
        confidenceScaling: true,
        stopLossPct: 0.02,
        takeProfitPct: 0.05,
        allowedRegimes: [],
        minConfidence: 0.5,
        maxPositions: 1,
        side: "LONG",
        timeframe: "1h",
        trigger: "LEVEL",
        cooldownMs: 60_000,
        symbols: [],
        labels: {},
      },
      warnings: [],
    });
  });

  it("keeps what is given", () => {
    const given = {
      entryLogic: "ANY",
      confidenceScaling: false,
      minConfidence: 0,
      maxPositions: 10_000,
      fitnessScore: 0,
      timeframe: "15m",
      trigger: "EDGE",
      cooldownMs: 0,
      allowedRegimes: ["trending", "Trending", "ranging"],
      symbols: ["ETHUSDT", "BTC/USD", "a:b-c_d.e"],
      labels: { model: "v2", "": "" },
    };
    expect(accepted(draftOf({ ...given, side: "LONG" })).config).toMatchObject(given);
  });

  it("has canonical names, and the strategy's timeframe on each condition that gives none", () => {
    const entryIndicators = conditionsOf("rsi < 30; price > ema_50; macd crosses_above macd_signal on 12h");
    expect(accepted(draftOf({ timeframe: "8h", entryIndicators })).config.entryIndicators).toEqual([
      { name: "RSI_14", operator: "<", operand: 30, timeframe: "8h" },
      { name: "CLOSE", operator: ">", operand: "EMA_50", timeframe: "8h" },
      { name: "MACD_12_26_9", operator: "crosses_above", operand: "MACD_SIGNAL_12_26_9", timeframe: "12h" },
    ]);
  });

  it("has 0 for -0, and a cooldown in whole ms that lasts no shorter", () => {
    const { config } = accepted(
      draftOf({ minConfidence: -0, cooldownMs: 0.25, side: "LONG", entryIndicators: [conditionOf("MACD > -0")] }),
    );
    expect(Object.is(config.minConfidence, 0)).toBe(true);
    expect(Object.is(config.entryIndicators[0]?.operand, 0)).toBe(true);
    expect(config.cooldownMs).toBe(1);
  });

  it("keeps a label called __proto__, and labels in the order of their keys", () => {
    const labels = JSON.parse('{"b": "1", "__proto__": "2", "a": "3"}');
    expect(Object.entries(accepted(draftOf({ labels })).config.labels)).toEqual([
      ["__proto__", "2"],
      ["a", "3"],
      ["b", "1"],
    ]);
  });

  it("has nothing that is not part of a strategy", () => {
    expect(accepted({ ...draftOf(), version: 3, extra: true } as StrategyDraft).config).toEqual(
      accepted(draftOf()).config,
    );
  });
});

describe("a strategy given in a request (R50)", () => {
  it("is LIVE where it gives no status, which a stored one must", () => {
    expect(accepted(draftOf({ status: "" }), { inline: true }).config.status).toBe("LIVE");
    expect(accepted(draftOf({ status: "DISABLED" }), { inline: true }).config.status).toBe("DISABLED");
    expect(violationsOf(draftOf({ status: "" }))).toEqual([
      "status: is required: give one of CANDIDATE, SHADOW, LIVE, DISABLED",
    ]);
    expect(fieldsRefused(draftOf({ status: "7" }), { inline: true })).toEqual(["status"]);
  });
});

const astral = "𝒳";
const REFUSED: readonly (readonly [string, Partial<StrategyDraft>])[] = [
  ["strategy_id", { strategyId: "" }],
  ["strategy_id", { strategyId: "a b" }],
  ["strategy_id", { strategyId: "a\n" }],
  ["strategy_id", { strategyId: "ä" }],
  ["strategy_id", { strategyId: "a".repeat(129) }],
  ["name", { name: "" }],
  ["name", { name: " \t\u00a0\u3000" }],
  ["name", { name: astral.repeat(201) }],
  ["name", { name: "half \ud83d" }],
  ["name", { name: "nul \0" }],
  ["status", { status: "UNSPECIFIED" }],
  ["status", { status: "live" }],
  ["entry_logic", { entryLogic: "9" }],
  ["trigger", { trigger: "EDGES" }],
  ["side", { side: "7" }],
  ["base_size_usd", { baseSizeUsd: 0 }],
  ["base_size_usd", { baseSizeUsd: -1 }],
  ["base_size_usd", { baseSizeUsd: Number.NaN }],
  ["base_size_usd", { baseSizeUsd: Number.POSITIVE_INFINITY }],
  ["stop_loss_pct", { stopLossPct: 0 }],
  ["stop_loss_pct", { stopLossPct: 1 }],
  ["stop_loss_pct", { stopLossPct: Number.NaN }],
  ["take_profit_pct", { takeProfitPct: 0 }],
  ["take_profit_pct", { takeProfitPct: 10.01 }],
  ["take_profit_pct", { takeProfitPct: 1, side: "SHORT" }],
  ["take_profit_pct", { takeProfitPct: 2, entryIndicators: [conditionOf("RSI > 70")] }],
  ["min_confidence", { minConfidence: 1.0001 }],
  ["min_confidence", { minConfidence: -0.1 }],
  ["min_confidence", { minConfidence: Number.NaN }],
  ["max_positions", { maxPositions: 0 }],
  ["max_positions", { maxPositions: 10_001 }],
  ["max_positions", { maxPositions: 1.5 }],
  ["max_positions", { maxPositions: -2_147_483_648 }],
  ["fitness_score", { fitnessScore: 1.1 }],
  ["fitness_score", { fitnessScore: Number.NaN }],
  ["timeframe", { timeframe: "1H" }],
  ["timeframe", { timeframe: "7m" }],
  ["timeframe", { timeframe: "toString" }],
  ["cooldown", { cooldownMs: -0.1 }],
  ["cooldown", { cooldownMs: 30 * DAY_MS + 0.5 }],
  ["cooldown", { cooldownMs: Number.NaN }],
  ["allowed_regimes[1]", { allowedRegimes: ["a", ""] }],
  ["allowed_regimes[0]", { allowedRegimes: ["r".repeat(65)] }],
  ["allowed_regimes[2]", { allowedRegimes: ["a", "b", "a"] }],
  ["allowed_regimes", { allowedRegimes: Array.from({ length: 101 }, (_, i) => `r${i}`) }],
  ["symbols[0]", { symbols: [""] }],
  ["symbols[1]", { symbols: ["BTCUSDT", "BTC USDT"] }],
  ["symbols[1]", { symbols: ["BTCUSDT", "BTCUSDT"] }],
  ["symbols[0]", { symbols: ["B".repeat(65)] }],
  ["symbols", { symbols: Array.from({ length: 101 }, (_, i) => `S${i}`) }],
  ["labels", { labels: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`k${i}`, ""])) }],
  [`labels["${"k".repeat(65)}"]`, { labels: { ["k".repeat(65)]: "" } }],
  ['labels["k"]', { labels: { k: astral.repeat(257) } }],
  ['labels["k"]', { labels: { k: "\udc00" } }],
  ["entry_indicators", { entryIndicators: [] }],
  ["entry_indicators", { side: "LONG", entryIndicators: distinct(33) }],
  ["entry_indicators[1].name", { side: "LONG", entryIndicators: conditionsOf("RSI < 30; RSJ < 30") }],
  [
    "entry_indicators[0].name",
    { side: "LONG", entryIndicators: [{ name: "", operator: "<", value: 1, timeframe: "" }] },
  ],
  ["entry_indicators[0].name", { side: "LONG", entryIndicators: conditionsOf("OBV > 0") }],
  ["entry_indicators[0].name", { side: "LONG", entryIndicators: conditionsOf("RSI_1 > 0") }],
  ["entry_indicators[0].operator", { side: "LONG", entryIndicators: conditionsOf("RSI =< 30") }],
  ["entry_indicators[0].operator", { side: "LONG", entryIndicators: conditionsOf("RSI CROSSES_ABOVE 30") }],
  ["entry_indicators[0].operand", { side: "LONG", entryIndicators: [{ name: "RSI", operator: "<", timeframe: "" }] }],
  [
    "entry_indicators[0].operand",
    { side: "LONG", entryIndicators: [{ name: "RSI", operator: "<", value: 1, indicator: "MFI", timeframe: "" }] },
  ],
  [
    "entry_indicators[0].value",
    { side: "LONG", entryIndicators: [{ name: "RSI", operator: "<", value: Number.NaN, timeframe: "" }] },
  ],
  [
    "entry_indicators[0].value",
    { side: "LONG", entryIndicators: [{ name: "CCI", operator: "<", value: Number.POSITIVE_INFINITY, timeframe: "" }] },
  ],
  ["entry_indicators[0].indicator", { side: "LONG", entryIndicators: conditionsOf("CLOSE > EMA_501") }],
  ["entry_indicators[0].indicator", { side: "LONG", entryIndicators: conditionsOf("EMA_20 > EMA") }],
  ["entry_indicators[0].timeframe", { side: "LONG", entryIndicators: conditionsOf("RSI < 30 on 30m") }],
  ["entry_indicators[0].timeframe", { side: "LONG", entryIndicators: conditionsOf("RSI < 30 on 1D") }],
  ["entry_indicators[0].indicator", { side: "LONG", entryIndicators: conditionsOf("CLOSE > VWAP on 1d") }],
  ["entry_indicators[0].name", { side: "LONG", timeframe: "1d", entryIndicators: conditionsOf("VWAP > 5") }],
];

function distinct(count: number) {
  return Array.from({ length: count }, (_, index) => conditionOf(`RSI_${index + 2} < 30`));
}

describe("what the contract does not allow is refused (R42)", () => {
  it.each(REFUSED.map(([field, changes], row) => ({ row, field, changes })))(
    "row $row: $field",
    ({ field, changes }) => {
      expect(fieldsRefused(draftOf(changes))).toEqual([field]);
    },
  );

  it("has ends that are allowed", () => {
    accepted(
      draftOf({
        strategyId: "aZ09_-.".padEnd(128, "x"),
        name: astral.repeat(200),
        stopLossPct: 0.999,
        takeProfitPct: 10,
        minConfidence: 1,
        maxPositions: 10_000,
        fitnessScore: 1,
        cooldownMs: 30 * DAY_MS,
        allowedRegimes: Array.from({ length: 100 }, (_, i) => `${i + 100}${astral.repeat(61)}`),
        symbols: Array.from({ length: 100 }, (_, i) => `S${i}`.padEnd(64, "/")),
        labels: { [astral.repeat(64)]: astral.repeat(256) },
        entryIndicators: distinct(32),
      }),
    );
    expect(fieldsRefused(draftOf({ takeProfitPct: 0.999, side: "SHORT" }))).toEqual([]);
    expect(fieldsRefused(draftOf({ side: "LONG", entryIndicators: conditionsOf("CLOSE > VWAP on 12h") }))).toEqual([]);
  });

  it("comes all at once", () => {
    const empty = { strategyId: "", name: "", status: "", baseSizeUsd: 0, stopLossPct: 0, takeProfitPct: 0 };
    const entryIndicators = [{ name: "RSJ", operator: "=", timeframe: "2x" }, conditionOf("RSI > 100")];
    expect(
      fieldsRefused(
        draftOf({ ...empty, side: "7", timeframe: "1H", minConfidence: Number.NaN, entryIndicators }),
      ).toSorted(),
    ).toEqual(
      [
        "base_size_usd",
        "entry_indicators[0].name",
        "entry_indicators[0].operand",
        "entry_indicators[0].operator",
        "entry_indicators[0].timeframe",
        "entry_indicators[1]",
        "min_confidence",
        "name",
        "side",
        "status",
        "stop_loss_pct",
        "strategy_id",
        "take_profit_pct",
        "timeframe",
      ].sort(),
    );
  });

  it("is looked for in no more entries than may be", () => {
    const many = Array.from({ length: 10_000 }, () => conditionOf("RSJ < 30"));
    expect(fieldsRefused(draftOf({ entryIndicators: many }))).toHaveLength(1 + 32);
    expect(fieldsRefused(draftOf({ symbols: Array(10_000).fill("a b") }))).toHaveLength(1 + 100);
  });

  it("is named with the value, cut where it is long, and what to do", () => {
    expect(violationsOf(draftOf({ side: "7" }))).toEqual(["side: is 7, must be one of LONG, SHORT"]);
    expect(violationsOf(draftOf({ timeframe: "1H" }))[0]).toMatch(/^timeframe: is "1H", must be .*did you mean 1h\?$/);
    expect(violationsOf(draftOf({ stopLossPct: 2 }))).toEqual([
      "stop_loss_pct: is 2, must be above 0 and below 1 (0.02 is 2 %): did you mean 0.02?",
    ]);
    const [long = ""] = violationsOf(draftOf({ symbols: ["\ud800".repeat(1_000_000)] }));
    expect(long.length).toBeLessThan(300);
    expect(long.isWellFormed()).toBe(true);
  });

  it("is a base size above MAX_POSITION_SIZE_USD, too (R23)", () => {
    expect(violationsOf(draftOf({ baseSizeUsd: 1_000.01 }), { maxPositionSizeUsd: 1_000 })).toEqual([
      "base_size_usd: is 1000.01, must be above 0 and at most 1000 (MAX_POSITION_SIZE_USD)",
    ]);
    expect(violationsOf(draftOf(), { maxPositionSizeUsd: 1_000 })).toEqual([]);
  });
});

describe("a strategy that needs more than 5,000 bars (R10)", () => {
  it("is accepted with a warning that names the indicator", () => {
    const entryIndicators = conditionsOf("CLOSE > EMA_500; RSI < 30; EMA_400 < EMA_500 on 4h; CLOSE > EMA_361 on 1d");
    expect(accepted(draftOf({ entryIndicators, side: "LONG" })).warnings.filter((w) => w.includes("bars"))).toEqual([
      "entry_indicators: EMA_500 needs 7408 bars of 1h until it is ready, more than 5000",
      "entry_indicators: EMA_500 needs 7408 bars of 4h until it is ready, more than 5000",
      "entry_indicators: EMA_361 needs 5349 bars of 1d until it is ready, more than 5000",
    ]);
    expect(accepted(draftOf({ entryIndicators: conditionsOf("CLOSE > EMA_300") })).warnings).toEqual([]);
  });
});
