import type { DescMessage } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { readText } from "./read-text.ts";
import { strategyOf } from "./strategy-of.ts";

const { setTradingHalt, setAllowedStrategies, setRiskMode, setGlobalMinConfidence, setCurrentRegime } =
  PolicyService.method;
const { saveStrategy, batchSaveStrategies, getStrategy, setStrategyStatus } = StrategyService.method;
const { evaluate, generateSignals, listDecisions, getRuntimeStatus } = StrategyRuntimeService.method;
const { reportPositionOpened, reportDecisionRejected, getStrategyPerformance } = PerformanceService.method;

async function told(desc: DescMessage, json: object): Promise<readonly string[]> {
  return (await readText(desc, JSON.stringify(json))).faults.map(
    ({ field, description }) => `${field}: ${description}`,
  );
}

describe("a program that obeys an answer to the letter", async () => {
  it.each<[string, DescMessage, object, readonly string[]]>([
    ["halts", setTradingHalt.input, { halt: true, reason: "x" }, ["halt: is unknown: call it halted"]],
    [
      "halts",
      setTradingHalt.input,
      { stop: true, message: "x" },
      ["stop: is unknown: call it halted", "message: is unknown: call it reason"],
    ],
    [
      "does not let trading go on",
      setTradingHalt.input,
      { trading_enabled: false, reason: "x" },
      ["trading_enabled: is unknown: say it by halted, which is true where trading stops"],
    ],
    [
      "allows one",
      setAllowedStrategies.input,
      { allowed_strategies: ["a"] },
      ["allowed_strategies: is unknown: call it strategy_ids"],
    ],
    ["allows one", setAllowedStrategies.input, { ids: ["a"] }, ["ids: is unknown: call it strategy_ids"]],
    ["gives the mode", setRiskMode.input, { mode: "NORMAL" }, ["mode: is unknown: call it risk_mode"]],
    [
      "gives the floor",
      setGlobalMinConfidence.input,
      { confidence: 0.6 },
      ["confidence: is unknown: call it min_confidence"],
    ],
    [
      "gives the regime",
      setCurrentRegime.input,
      { current_regime: "BULL" },
      ["current_regime: is unknown: call it regime"],
    ],
    ["names the strategy", getStrategy.input, { id: "a" }, ["id: is unknown: call it strategy_id"]],
    [
      "names the strategy",
      setStrategyStatus.input,
      { id: "a", state: "LIVE" },
      ["id: is unknown: call it strategy_id", "state: is unknown: call it status"],
    ],
    [
      "names the decision",
      reportDecisionRejected.input,
      { id: "d", why: "w" },
      ["id: is unknown: call it decision_id", "why: is unknown: call it reason"],
    ],
    [
      "keeps the period",
      getStrategyPerformance.input,
      { strategy_id: "a", from: "2026-01-01T00:00:00Z", until: "2026-02-01T00:00:00Z" },
      ["from: is unknown: call it start_time", "until: is unknown: call it end_time"],
    ],
    [
      "keeps the page",
      listDecisions.input,
      { start_date: "2026-01-01T00:00:00Z", limit: 5 },
      ["start_date: is unknown: call it start_time", "limit: is unknown: call it page_size"],
    ],
    [
      "keeps the money",
      reportPositionOpened.input,
      { position: { id: "p", size: 100, price: 42_000, qty: 2, fees: 1, opentime: "2026-01-01T00:00:00Z" } },
      [
        "position.id: is unknown: call it position_id",
        "position.size: is unknown: call it size_usd",
        "position.price: is unknown: call it entry_price where the position was opened at it, exit_price where it was closed",
        "position.qty: is unknown: write size_usd, which is the quantity times the entry price",
        "position.fees: is unknown: call it fees_usd",
        "position.opentime: is unknown: call it opened_at",
      ],
    ],
    [
      "keeps the bar",
      evaluate.input,
      { strategy_id: "a", symbol: "A", bars: [{ t: "2026-01-01T00:00:00Z", o: 1, h: 1, l: 1, c: 1, v: 1 }] },
      ["t open_time", "o open", "h high", "l low", "c close", "v volume"].map((pair) => {
        const [key, name] = pair.split(" ");
        return `bars[0].${key}: is unknown: call it ${name}`;
      }),
    ],
    ["only tries", saveStrategy.input, { dry_run: true, strategy: {} }, ["dry_run: is unknown: call it validate_only"]],
    ["only tries", generateSignals.input, { validate_only: true }, ["validate_only: is unknown: call it dry_run"]],
    [
      "hears that it would save",
      batchSaveStrategies.input,
      { validate_only: true, strategies: [] },
      [
        "validate_only: is unknown: this call cannot be tried without its effect, SaveStrategy can: leave it out where the effect is meant",
      ],
    ],
    [
      "hears that it would halt",
      setTradingHalt.input,
      { dry_run: true, halted: true, reason: "x" },
      ["dry_run: is unknown: this call cannot be tried without its effect: leave it out where the effect is meant"],
    ],
    [
      "sends the list",
      batchSaveStrategies.input,
      { strategy: { name: "x" } },
      [
        "strategy: is unknown: call it strategies",
        "strategies: is an object, must be a list: write it in brackets, as [{…}]",
      ],
    ],
    [
      "asks for nothing more",
      getRuntimeStatus.input,
      { verbose: true },
      ["verbose: is unknown (nothing is known here): leave it out"],
    ],
  ])("%s: %#", async (_, desc, json, faults) => {
    expect(await told(desc, json)).toEqual(faults);
  });
});

describe("null in an order", async () => {
  it("is no order: neither to let trading go on nor to allow all strategies", async () => {
    expect(await told(setTradingHalt.input, { halted: null, reason: "x" })).toEqual([
      "halted: is null, must be true or false",
    ]);
    expect(await told(setAllowedStrategies.input, { strategy_ids: null })).toEqual([
      "strategy_ids: is null, must be a list: write [] where all strategies are meant",
    ]);
  });

  it("means nothing elsewhere, as in protobuf", async () => {
    expect(await told(setCurrentRegime.input, { regime: null })).toEqual([]);
    expect(await told(listDecisions.input, { symbols: null, include_shadow: null })).toEqual([]);
    expect((await strategyOf({ symbols: null, confidence_scaling: null })).faults).toEqual([]);
  });
});

describe("a strategy in another shape", async () => {
  it("is read where its fields are grouped", async () => {
    const { read, faults } = await strategyOf({
      name: "x",
      risk_management: { stop_loss: "2%", take_profit_pct: 0.05, risk_per_trade: 0.01 },
      position_sizing: { base_size_usd: 500 },
    });
    expect(read).toEqual({ name: "x", stop_loss_pct: 0.02, take_profit_pct: 0.05, base_size_usd: 500 });
    expect(faults).toEqual([
      "risk_management: is unknown: move its keys out of it, one level up",
      "risk_management.stop_loss: is unknown: call it stop_loss_pct",
      expect.stringMatching(/^risk_management\.risk_per_trade: is unknown .*: leave it out$/),
      "position_sizing: is unknown: move its keys out of it, one level up",
      'stop_loss_pct: is the text "2%", must be a number: write 0.02',
    ]);
  });

  it("is read where it is wrapped once more", async () => {
    const { read, faults } = await strategyOf({ strategy: { strategy_id: "a", name: "x" } });
    expect(read).toEqual({ strategy_id: "a", name: "x" });
    expect(faults).toEqual(["strategy: is unknown: move its keys out of it, one level up"]);
  });

  it.each([
    [{ entry_indicators: { all: [{ name: "RSI" }] } }, "all"],
    [{ entry_indicators: { conditions: [{ name: "RSI" }], logic: "AND" } }, "conditions"],
    [{ entry_indicators: [{ and: [{ name: "RSI" }] }] }, "and"],
  ])("is read where its conditions are one group: %j", async (json, key) => {
    const { read, faults } = await strategyOf(json);
    expect(read).toEqual({ entry_indicators: [{ name: "RSI" }] });
    expect(faults).toEqual([
      `entry_indicators: is a group, must be a list of conditions: write the list of "${key}" itself, and say by entry_logic whether ALL or ANY must hold`,
    ]);
  });

  it("is refused, with nothing asked of its parts, where conditions are in several groups", async () => {
    const groups =
      'is a group, where one condition must be: combine conditions in entry in place of entry_indicators, as "entry": {"any": {"rules": [{"condition": {…}}, {"none": {"rules": […]}}]}}';
    const { faults } = await strategyOf({ entry_indicators: [{ name: "RSI" }, { or: [{ name: "ADX" }] }] });
    expect(faults).toEqual([`entry_indicators[1]: ${groups}`]);
    expect((await strategyOf({ entry_indicators: { all: [{ name: "A" }], any: [{ name: "B" }] } })).faults).toEqual([
      `entry_indicators: ${groups}`,
    ]);
  });
});

describe("a condition in another shape", async () => {
  it.each([
    [{ name: { type: "RSI", period: 21 } }, { name: "RSI_21" }, ['name: is an object, must be a text: write "RSI_21"']],
    [
      { name: "CLOSE", operator: ">", value: { indicator: "EMA", length: 50 } },
      { name: "CLOSE", operator: ">", indicator: "EMA_50" },
      ['value: is an object, must be a number: use indicator, as "indicator": "EMA_50"'],
    ],
    [
      { left: { indicator: "EMA", period: 9 }, op: ">", right: { name: "EMA_21" } },
      { name: "EMA_9", operator: ">", indicator: "EMA_21" },
      [
        "left: is unknown: call it name",
        "op: is unknown: call it operator",
        "right: is unknown: call it indicator",
        'name: is an object, must be a text: write "EMA_9"',
        'indicator: is an object, must be a text: write "EMA_21"',
      ],
    ],
    [
      { indicator: { name: "RSI", period: 21 }, operator: "<", value: 30 },
      { name: "RSI_21", operator: "<", value: 30 },
      [
        'indicator: is the right side, and value is one, too: call it name, as "name": {…}',
        'name: is an object, must be a text: write "RSI_21"',
      ],
    ],
    [
      { indicator: "SMA_50", operator: ">", value: { indicator: "SMA", params: { period: 200 } } },
      { name: "SMA_50", operator: ">", indicator: "SMA_200" },
      [
        'indicator: is the right side, and value is one, too: call it name, as "name": "SMA_50"',
        'value: is an object, must be a number: use indicator, as "indicator": "SMA_200"',
      ],
    ],
    [{ name: { type: "RSI", weight: 2 } }, {}, ["name: is an object, must be a text"]],
  ])("is read: %j", async (condition, read, faults) => {
    const found = await strategyOf({ entry_indicators: [condition] });
    expect(found.read).toEqual({ entry_indicators: [read] });
    expect(found.faults).toEqual(faults.map((fault) => `entry_indicators[0].${fault}`));
  });

  it.each([
    [
      { indicator: "EMA_50", op: ">", indicator2: "EMA_200" },
      { name: "EMA_50", operator: ">", indicator: "EMA_200" },
      [
        'indicator: is the right side, and indicator2 is one, too: call it name, as "name": "EMA_50"',
        "op: is unknown: call it operator",
        "indicator2: is unknown: call it indicator",
      ],
    ],
    [
      { indicator: { type: "EMA", period: 9 }, operator: ">", compare_to: "EMA_21" },
      { name: "EMA_9", operator: ">", indicator: "EMA_21" },
      [
        'indicator: is the right side, and compare_to is one, too: call it name, as "name": {…}',
        "compare_to: is unknown: call it indicator",
        'name: is an object, must be a text: write "EMA_9"',
      ],
    ],
  ])("has its left side in indicator where something else is on the right: %j", async (condition, read, faults) => {
    const found = await strategyOf({ entry_indicators: [condition] });
    expect(found.read).toEqual({ entry_indicators: [read] });
    expect(found.faults).toEqual(faults.map((fault) => `entry_indicators[0].${fault}`));
  });

  it.each([
    [[{ RSI: { operator: "<", value: 30 } }], [{ name: "RSI", operator: "<", value: 30 }]],
    [[{ RSI_21: "< 30" }], [{ name: "RSI_21", operator: "<", value: 30 }]],
    [
      { RSI: { op: "<", threshold: 30 }, ADX: "> 25" },
      [
        { name: "RSI", operator: "<", value: 30 },
        { name: "ADX", operator: ">", value: 25 },
      ],
    ],
  ])("may stand under its indicator: %j", async (conditions, read) => {
    const found = await strategyOf({ entry_indicators: conditions });
    expect(found.read).toEqual({ entry_indicators: read });
    expect(found.faults[0]).toMatch(
      Array.isArray(conditions)
        ? /^entry_indicators\[0\]: stands under its indicator: write "name": "RSI(_21)?" in the condition itself$/
        : /^entry_indicators: has conditions under their indicators, must be a list: write \[\{"name": "RSI", …\}, …\]$/,
    );
  });

  it.each(["condition", "expression", "name", "rule"])("may be a text under a key: %s", async (key) => {
    const found = await strategyOf({ entry_indicators: [{ [key]: "RSI_14<= 30", timeframe: "4h" }] });
    expect(found.read).toEqual({
      entry_indicators: [{ name: "RSI_14", operator: "<=", value: 30, timeframe: "4h" }],
    });
    expect(found.faults).toEqual([
      'entry_indicators[0]: has all in one text, must have its parts: write "name": "RSI_14", "operator": "<=", "value": 30',
    ]);
  });

  it.each(["RSI < 30 AND CLOSE > EMA_20", "RSI < 30, CLOSE > EMA_20", "RSI < 30 && CLOSE > EMA_20"])(
    "may be one of several in a text: %s",
    async (text) => {
      const found = await strategyOf({ entry_indicators: text });
      expect(found.read).toEqual({
        entry_indicators: [
          { name: "RSI", operator: "<", value: 30 },
          { name: "CLOSE", operator: ">", indicator: "EMA_20" },
        ],
      });
      expect(found.faults[0]).toMatch(
        /^entry_indicators: is a text, must be a list of conditions: write each as an object, and say by entry_logic whether ALL or ANY must hold$/,
      );
    },
  );

  it.each(["percent", "offset_pct", "multiplier", "tolerance"])(
    "is not traded without its arithmetic: %s",
    async (key) => {
      const { faults } = await strategyOf({
        entry_indicators: [{ name: "CLOSE", operator: ">", indicator: "EMA_20", [key]: 2 }],
      });
      expect(faults).toEqual([
        `entry_indicators[0].${key}: is unknown, and arithmetic is written in the sides, as in 1.5*EMA_50: write it there`,
      ]);
    },
  );

  it("may be three things in a list", async () => {
    const found = await strategyOf({ entry_indicators: [["RSI", "<", 30]] });
    expect(found.read).toEqual({ entry_indicators: [{ name: "RSI", operator: "<", value: 30 }] });
    expect(found.faults).toEqual([
      'entry_indicators[0]: is a list, must be an object: write {"name": "RSI", "operator": "<", "value": 30}',
    ]);
  });

  it.each([
    [
      { enabled: false },
      "enabled: is unknown, and a condition that is switched off is not written: leave the whole condition out",
    ],
    [
      { disabled: true },
      "disabled: is unknown, and a condition that is switched off is not written: leave the whole condition out",
    ],
    [{ active: true }, "active: is unknown, and each condition counts: leave it out"],
    [{ weight: 2 }, "weight: is unknown, and a condition knows no weights: leave it out"],
    [{ min: 30 }, 'min: is unknown, and a condition has one bound: write two conditions, with ">=" and with "<="'],
    [{ not: true }, 'not: is unknown, and a condition is turned round by its operator, as ">=" for "<"'],
  ])("is not switched on by an answer: %j", async (more, fault) => {
    const { faults } = await strategyOf({ entry_indicators: [{ name: "RSI", ...more }] });
    expect(faults).toEqual([`entry_indicators[0].${fault}`]);
  });
});

describe("a duration of other programs", async () => {
  it.each([
    ["PT5M", "300s"],
    ["PT1H30M", "5400s"],
    ["P1D", "86400s"],
    [{ seconds: 300 }, "300s"],
    [{ minutes: 5 }, "300s"],
  ])("is named, and read: %j", async (cooldown, meant) => {
    const { read, faults } = await strategyOf({ cooldown });
    expect(read).toEqual({ cooldown: meant });
    expect(faults).toEqual([expect.stringMatching(new RegExp(`: write "${meant}"$`))]);
  });
});

describe("a member of an enumeration in other words", async () => {
  it.each([
    ["conservative", "DEFENSIVE"],
    ["low", "DEFENSIVE"],
    ["moderate", "NORMAL"],
    ["high", "AGGRESSIVE"],
    ["RiskMode.DEFENSIVE", "DEFENSIVE"],
  ])("is refused with the one that is meant: %s", async (word, meant) => {
    const must = "must be one of DEFENSIVE, NORMAL, AGGRESSIVE";
    expect(await told(setRiskMode.input, { risk_mode: word })).toEqual([
      `risk_mode: is "${word}", ${must}: did you mean ${meant}?`,
    ]);
  });

  it("may be the only side", async () => {
    expect((await strategyOf({ side: "long_only" })).faults[0]).toMatch(/: did you mean LONG\?$/);
  });

  it("is none of another enumeration", async () => {
    expect((await strategyOf({ side: "HIGH", trigger: "AND" })).faults).toEqual([
      'side: is "HIGH", must be one of LONG, SHORT',
      'trigger: is "AND", must be one of LEVEL, EDGE',
    ]);
  });
});

describe("computed levels", () => {
  it("are read, and other words for them lead there", async () => {
    expect((await strategyOf({ stop_loss_at: "LOWEST_10", takeProfitAt: "HIGHEST_10" })).faults).toEqual([]);
    expect((await strategyOf({ stop_price: "LOWEST_10", target_price: "HIGHEST_10" })).faults).toEqual([
      "stop_price: is unknown: call it stop_loss_at",
      "target_price: is unknown: call it take_profit_at",
    ]);
  });
});
