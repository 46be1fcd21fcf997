import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { faultsOf } from "../../../src/rpc/json/kept-faults.ts";
import { readText } from "./read-text.ts";
import { strategyOf } from "./strategy-of.ts";

const { saveStrategy, batchSaveStrategies } = StrategyService.method;
const { evaluate, listDecisions, generateSignals } = StrategyRuntimeService.method;
const { setRiskMode } = PolicyService.method;
const { reportPositionOpened } = PerformanceService.method;

type Request = Parameters<typeof readText>[0];

/** "field: what is wrong" of the request itself. */
async function faultsIn(desc: Request, json: unknown): Promise<readonly string[]> {
  const text = typeof json === "string" ? json : JSON.stringify(json);
  return (await readText(desc, text)).faults.map(({ field, description }) => `${field}: ${description}`);
}

describe("what people write beside protobuf's own JSON", async () => {
  it.each([
    [
      { status: "LIVE", side: "long", entry_logic: "Any" },
      { status: "STRATEGY_STATUS_LIVE", side: "SIDE_LONG", entry_logic: "ENTRY_LOGIC_ANY" },
    ],
    [{ side: "SIDE_SHORT" }, { side: "SIDE_SHORT" }],
    [{ side: "side_short" }, { side: "SIDE_SHORT" }],
    [{ side: 2, trigger: "unspecified" }, { side: "SIDE_SHORT" }],
    [{ cooldown: "5m" }, { cooldown: "300s" }],
    [{ cooldown: "1h30m" }, { cooldown: "5400s" }],
    [{ cooldown: "250ms" }, { cooldown: "0.250s" }],
    [{ cooldown: "1.5s" }, { cooldown: "1.500s" }],
    [{ cooldown: "315576000000.999999999s" }, { cooldown: "315576000000.999999999s" }],
    [{ cooldown: "1d" }, { cooldown: "86400s" }],
    [{ strategyId: "a" }, { strategy_id: "a" }],
    [{ strategy_id: "a", cooldown: null, labels: null, symbols: null, side: null }, { strategy_id: "a" }],
    [
      { entry_indicators: [{ name: "A", value: null, indicator: "B" }] },
      { entry_indicators: [{ name: "A", indicator: "B" }] },
    ],
    [
      { version: "7", created_at: "2026-01-01T00:00:00Z" },
      { version: "7", created_at: "2026-01-01T00:00:00Z" },
    ],
    [{ version: 7 }, { version: "7" }],
    [{ labels: { "": "x", __proto__x: "y" } }, { labels: { "": "x", __proto__x: "y" } }],
  ])("is read: %j", async (json, read) => {
    expect(await strategyOf(json)).toEqual({ read, faults: [] });
  });
});

describe("a value of another kind is named with what to write, and read as that", async () => {
  it.each([
    [
      '{"base_size_usd":"1000"}',
      'base_size_usd: is the text "1000", must be a number: write 1000',
      { base_size_usd: 1000 },
    ],
    [
      '{"base_size_usd":"$1,000.50"}',
      'base_size_usd: is the text "$1,000.50", must be a number: write 1000.5',
      { base_size_usd: 1000.5 },
    ],
    [
      '{"stop_loss_pct":"7%"}',
      'stop_loss_pct: is the text "7%", must be a number: write 0.07',
      { stop_loss_pct: 0.07 },
    ],
    [
      '{"min_confidence":"60 %"}',
      'min_confidence: is the text "60 %", must be a number: write 0.6',
      { min_confidence: 0.6 },
    ],
    [
      '{"max_positions":"3"}',
      'max_positions: is the text "3", must be a whole number of 32 bits: write 3',
      { max_positions: 3 },
    ],
    [
      '{"confidence_scaling":"false"}',
      'confidence_scaling: is the text "false", must be true or false: write false',
      { confidence_scaling: false },
    ],
    ['{"name":7}', 'name: is the number 7, must be a text: write "7"', { name: "7" }],
    ['{"side":"BUY"}', 'side: is "BUY", must be one of LONG, SHORT: did you mean LONG?', { side: "SIDE_LONG" }],
    ['{"side":"LOGN"}', 'side: is "LOGN", must be one of LONG, SHORT: did you mean LONG?', { side: "SIDE_LONG" }],
    [
      '{"cooldown":300}',
      'cooldown: is the number 300, must be a duration such as "90s", "5m", "1h": write "300s" where seconds are meant',
      { cooldown: "300s" },
    ],
    [
      '{"cooldown":"5 Minutes"}',
      'cooldown: is the text "5 Minutes", must be a duration such as "90s", "5m", "1h": write "300s"',
      { cooldown: "300s" },
    ],
    [
      '{"symbols":"BTCUSDT, ETHUSDT"}',
      'symbols: is the text "BTCUSDT, ETHUSDT", must be a list: write ["BTCUSDT", "ETHUSDT"]',
      { symbols: ["BTCUSDT", "ETHUSDT"] },
    ],
    [
      '{"labels":{"generation":3}}',
      'labels["generation"]: is the number 3, must be a text: write "3"',
      { labels: { generation: "3" } },
    ],
    [
      '{"entry_indicators":{"name":"RSI"}}',
      "entry_indicators: is an object, must be a list: write it in brackets, as [{…}]",
      { entry_indicators: [{ name: "RSI" }] },
    ],
    [
      '{"entry_indicators":["RSI < 30"]}',
      'entry_indicators[0]: is the text "RSI < 30", must be an object: write {"name": "RSI", "operator": "<", "value": 30}',
      { entry_indicators: [{ name: "RSI", operator: "<", value: 30 }] },
    ],
    [
      '{"entry_indicators":["(EMA_5 - EMA_35)/CLOSE > 0.02"]}',
      'entry_indicators[0]: is the text "(EMA_5 - EMA_35)/CLOSE > 0.02", must be an object: write {"name": "(EMA_5 - EMA_35)/CLOSE", "operator": ">", "value": 0.02}',
      { entry_indicators: [{ name: "(EMA_5 - EMA_35)/CLOSE", operator: ">", value: 0.02 }] },
    ],
    [
      '{"entry_indicators":["EMA_5 - EMA_35 crosses_above 1.5*ATR_14"]}',
      'entry_indicators[0]: is the text "EMA_5 - EMA_35 crosses_above 1.5*ATR_14", must be an object: write {"name": "EMA_5 - EMA_35", "operator": "crosses_above", "indicator": "1.5*ATR_14"}',
      { entry_indicators: [{ name: "EMA_5 - EMA_35", operator: "crosses_above", indicator: "1.5*ATR_14" }] },
    ],
    [
      '{"entry_indicators":[{"value":"EMA_21"}]}',
      'entry_indicators[0].value: is the text "EMA_21", must be a number: use indicator, as "indicator": "EMA_21"',
      { entry_indicators: [{ indicator: "EMA_21" }] },
    ],
    [
      '{"entry_indicators":[{"indicator":30}]}',
      'entry_indicators[0].indicator: is the number 30, must be a text: use value, as "value": 30',
      { entry_indicators: [{ value: 30 }] },
    ],
  ])("%s", async (json, fault, read) => {
    expect(await strategyOf(json)).toEqual({ read, faults: [fault] });
  });
});

describe("an object or a list in quotes", async () => {
  it.each([
    ['{"labels":"{\\"a\\":\\"b\\"}"}', "labels: is an object in quotes: write it without them", { labels: { a: "b" } }],
    ['{"symbols":"[\\"BTC\\"]"}', "symbols: is a list in quotes: write it without them", { symbols: ["BTC"] }],
    [
      JSON.stringify({ entry_indicators: JSON.stringify([{ name: "RSI" }]) }),
      "entry_indicators: is a list in quotes: write it without them",
      { entry_indicators: [{ name: "RSI" }] },
    ],
  ])("is named, and read: %s", async (json, fault, read) => {
    expect(await strategyOf(json)).toEqual({ read, faults: [fault] });
  });

  it("may be the strategy itself", async () => {
    const json = JSON.stringify({ strategy: JSON.stringify({ id: "a" }) });
    const { message, faults } = await readText(saveStrategy.input, json);
    expect(faults.map(({ description }) => description)).toEqual(["is an object in quotes: write it without them"]);
    expect(message.strategy?.strategyId).toBe("a");
  });
});

describe("a value that means nothing is named with what would be taken, and left out", async () => {
  it.each([
    ['{"base_size_usd":"2%"}', 'base_size_usd: is the text "2%", must be a number'],
    ['{"base_size_usd":"1,5"}', 'base_size_usd: is the text "1,5", must be a number'],
    ['{"base_size_usd":1e999}', "base_size_usd: is Infinity, must be a number"],
    ['{"stop_loss_pct":{"value":2}}', "stop_loss_pct: is an object, must be a number such as 0.02 for 2 %"],
    ['{"base_size_usd":[]}', "base_size_usd: is a list, must be a number"],
    ['{"max_positions":1.5}', "max_positions: is 1.5, must be a whole number of 32 bits"],
    ['{"max_positions":3000000000}', "max_positions: is 3000000000, must be a whole number of 32 bits"],
    ['{"confidence_scaling":"maybe"}', 'confidence_scaling: is the text "maybe", must be true or false'],
    ['{"name":{}}', "name: is an object, must be a text"],
    ['{"status":"active"}', 'status: is "active", must be one of CANDIDATE, SHADOW, LIVE, DISABLED'],
    ['{"status":true}', "status: is true, must be one of CANDIDATE, SHADOW, LIVE, DISABLED"],
    ['{"cooldown":"soon"}', 'cooldown: is the text "soon", must be a duration such as "90s", "5m", "1h"'],
    ['{"cooldown":"3s and more"}', 'cooldown: is the text "3s and more", must be a duration such as "90s", "5m", "1h"'],
    [
      '{"cooldown":"999999999999s"}',
      'cooldown: is the text "999999999999s", must be a duration such as "90s", "5m", "1h"',
    ],
    ['{"symbols":7}', "symbols: is the number 7, must be a list"],
    ['{"labels":["a"]}', 'labels: is a list, must be an object such as {"key": "text"}'],
    ['{"labels":{"a":null}}', 'labels["a"]: is null, must be a value: leave it out'],
    ['{"version":"1.0.0"}', 'version: is the text "1.0.0", and the service sets it: leave it out'],
    ['{"version":1.5}', "version: is the number 1.5, and the service sets it: leave it out"],
    ['{"created_at":"soon"}', 'created_at: is the text "soon", and the service sets it: leave it out'],
    ['{"updated_at":"2026-01-31"}', 'updated_at: is the text "2026-01-31", and the service sets it: leave it out'],
  ])("%s", async (json, fault) => {
    expect(await strategyOf(json)).toEqual({ read: {}, faults: [fault] });
  });
});

describe("a key that is not known", async () => {
  it.each([
    [{ id: "a" }, "id: is unknown: call it strategy_id", { strategy_id: "a" }],
    [{ "Stop-Loss-PCT": 0.1 }, "Stop-Loss-PCT: is unknown: call it stop_loss_pct", { stop_loss_pct: 0.1 }],
    [{ take_profit_ptc: 0.1 }, "take_profit_ptc: is unknown: call it take_profit_pct", { take_profit_pct: 0.1 }],
    [{ name: "a", title: "b" }, "title: is unknown, and name is there already: leave it out", { name: "a" }],
    [{ cooldown_minutes: 5 }, 'cooldown_minutes: is unknown: call it cooldown, and write "300s"', { cooldown: "300s" }],
    [{ cooldown_h: "2" }, 'cooldown_h: is unknown: call it cooldown, and write "7200s"', { cooldown: "7200s" }],
    [{ description: "d" }, 'description: is unknown: move it into labels, as "labels": {"description": "d"}', {}],
    [{ metadata: { a: "b" } }, "metadata: is unknown: call it labels", { labels: { a: "b" } }],
    [{ leverage: 3 }, "leverage: is not a matter of the strategy, which places no orders: leave it out", {}],
    [
      { trailing_stop_pct: 0.01 },
      'trailing_stop_pct: is unknown here: move it into trailing_stop, as "trailing_stop": {"distance_pct": 0.01}',
      { trailing_stop: { distance_pct: 0.01 } },
    ],
    [
      { trailing_stop: { pct: 0.01, offset: 0.02 } },
      "trailing_stop.pct: is unknown: call it distance_pct",
      { trailing_stop: { distance_pct: 0.01, activation_pct: 0.02 } },
    ],
    [
      { max_holding_time_hours: 6 },
      'max_holding_time_hours: is unknown: call it max_holding_time, and write "21600s"',
      { max_holding_time: "21600s" },
    ],
    [{ max_hold: "3600s" }, "max_hold: is unknown: call it max_holding_time", { max_holding_time: "3600s" }],
    [{ validate_only: true }, "validate_only: is unknown here: move it out, beside the strategy", {}],
    [
      { entry_indicators: [{ left: "RSI", op: "<", threshold: 30 }] },
      "entry_indicators[0].left: is unknown: call it name",
      { entry_indicators: [{ name: "RSI", operator: "<", value: 30 }] },
    ],
    [
      { entry_indicators: [{ name: "RSI", length: 21 }] },
      'entry_indicators[0].length: is unknown, for parameters are part of the name: leave it out, and write "name": "RSI_21"',
      { entry_indicators: [{ name: "RSI_21" }] },
    ],
    [
      { entry_indicators: [{ name: "RSI", shift: 1 }] },
      "entry_indicators[0].shift: is unknown, and bars before are written in the name, as in RSI_14[1]: write them there",
      { entry_indicators: [{ name: "RSI" }] },
    ],
    [
      { entry_indicators: [{ name: "RSI", right: "EMA_9", tf: "4h" }] },
      "entry_indicators[0].right: is unknown: call it indicator",
      { entry_indicators: [{ name: "RSI", indicator: "EMA_9", timeframe: "4h" }] },
    ],
    [
      { entry_indicators: [{ name: "RSI", symbol: "ETHUSDT" }] },
      "entry_indicators[0].symbol: is unknown, and conditions read the symbol that is judged: list it in the strategy's symbols",
      { entry_indicators: [{ name: "RSI" }] },
    ],
  ])("is named with what to do, and read as what it means: %j", async (json, fault, read) => {
    const found = await strategyOf(json);
    expect(found.read).toEqual(read);
    expect(found.faults[0]).toBe(fault);
  });

  it("that is like none is to be left out, and the known ones are named once", async () => {
    const { faults } = await strategyOf({ risk_reward: 2, foo: 1 });
    expect(faults).toEqual([
      expect.stringMatching(
        /^risk_reward: is unknown \(known here: strategy_id, .*, labels, entry, .*, target_steps\): leave it out$/,
      ),
      "foo: is unknown: leave it out",
    ]);
  });

  it("of the strategy that stands beside it is moved into it", async () => {
    const { message, faults } = await readText(saveStrategy.input, '{"strategy_id":"a","validate_only":true}');
    expect(message).toMatchObject({ validateOnly: true, strategy: { strategyId: "a" } });
    expect(faults.map(({ description }) => description)).toEqual([
      'is unknown here: move it into strategy, as "strategy": {"strategy_id": "a"}',
    ]);
  });

  it("may have a value that no text can be made of", async () => {
    const bad = { toString: 1, valueOf: 1 };
    const condition = { name: "RSI", params: { source: bad }, enabled: bad, threshold: bad, tf: bad, operator: bad };
    const { faults } = await strategyOf({
      entry_indicators: [condition],
      cooldown_minutes: bad,
      tags: [bad],
      description: bad,
    });
    expect(faults.length).toBeGreaterThan(6);
  });

  it("may be one that every object of JavaScript has", async () => {
    expect((await strategyOf('{"__proto__":{"name":"x"},"constructor":1,"toString":2}')).faults).toHaveLength(3);
    expect((await strategyOf('{"labels":{"__proto__":"x"}}')).read).toEqual(JSON.parse('{"labels":{"__proto__":"x"}}'));
  });
});

describe("what is given twice", async () => {
  it.each([
    ['{"name":"a","name":"b"}', "name: is given twice: keep one of them"],
    ['{"stop_loss_pct":1,"stop_loss_pct":2}', "stop_loss_pct: is given twice: keep one of them"],
    [
      '{"stopLossPct":1,"stop_loss_pct":2}',
      'stop_loss_pct: is given as "stopLossPct" and as "stop_loss_pct": keep one of them',
    ],
    ['{"labels":{"a":"1","\\u0061":"2"}}', 'labels["a"]: is given twice: keep one of them'],
    ['{"entry_indicators":[{},{"name":"a","name":"b"}]}', "entry_indicators[1].name: is given twice: keep one of them"],
    [
      '{"entry_indicators":[{"value":1,"indicator":"B"}]}',
      'entry_indicators[0].indicator: is the right side, and value is one, too: call it name, as "name": "B"',
    ],
    [
      '{"entry_indicators":[{"name":"A","value":1,"indicator":"B"}]}',
      'entry_indicators[0].operand: is both the value 1 and the indicator "B": give one of them',
    ],
  ])("is refused: %s", async (json, fault) => {
    expect((await strategyOf(json)).faults).toEqual([fault]);
  });

  it("is refused outside of the strategy, too", async () => {
    expect(await faultsIn(saveStrategy.input, '{"validate_only":true,"strategy":{},"strategy":{}}')).toEqual([
      "strategy: is given twice: keep one of them",
    ]);
    expect(await faultsIn(evaluate.input, { strategyId: "a", config: {}, symbol: "X" })).toEqual([
      'strategy: is both the strategy_id "a" and the config {…}: give one of them',
    ]);
  });
});

describe("a time in another form", async () => {
  const must = 'must be a time such as "2026-01-31T09:30:00Z"';
  it.each([
    [1700000000, "the number 1700000000", "2023-11-14T22:13:20.000Z"],
    ["2026-01-31", 'the text "2026-01-31"', "2026-01-31T00:00:00Z"],
  ])("is named, and read: %j", async (time, shown, meant) => {
    const { message, faults } = await readText(listDecisions.input, JSON.stringify({ start_time: time }));
    expect(faults.map(({ description }) => description)).toEqual([
      `is ${shown}, ${must}: write "${meant}" where that is meant`,
    ]);
    expect(message.startTime?.seconds).toBe(BigInt(Date.parse(meant) / 1_000));
  });
});

describe("every request", async () => {
  it.each([
    [setRiskMode.input, { risk_mode: "DEFENSIVE" }, []],
    [setRiskMode.input, { risk_mode: "wild" }, ['risk_mode: is "wild", must be one of DEFENSIVE, NORMAL, AGGRESSIVE']],
    [
      generateSignals.input,
      { symbols: "BTC", folow: true },
      ["folow: is unknown: call it follow", 'symbols: is the text "BTC", must be a list: write ["BTC"]'],
    ],
    [
      listDecisions.input,
      { symbols: [1, null] },
      ['symbols[0]: is the number 1, must be a text: write "1"', "symbols[1]: is null, must be a value: leave it out"],
    ],
    [
      evaluate.input,
      { strategy_id: "a", bars: [{ open: "1" }, 7] },
      [
        'bars[0].open: is the text "1", must be a number: write 1',
        "bars[1]: is the number 7, must be an object with open_time, open, high, low, close, volume",
      ],
    ],
    [
      evaluate.input,
      { strategy_id: "a", indicators: { RSI: "30" } },
      ['indicators["RSI"]: is the text "30", must be a number: write 30'],
    ],
    [saveStrategy.input, { config: { name: "x" } }, ["config: is unknown: call it strategy"]],
    [batchSaveStrategies.input, { strategy: [{ name: "x" }] }, ["strategy: is unknown: call it strategies"]],
    [evaluate.input, { strategy: { name: "x" } }, ["strategy: is unknown: call it config"]],
    [evaluate.input, { strategy: "x" }, ["strategy: is unknown: call it strategy_id"]],
    [reportPositionOpened.input, { opened: { position_id: "x" } }, ["opened: is unknown: call it position"]],
    [
      saveStrategy.input,
      { strategy: "x" },
      [expect.stringMatching(/^strategy: is the text "x", must be an object with strategy_id, name, /)],
    ],
    [
      saveStrategy.input,
      { expected_version: "one" },
      ['expected_version: is the text "one", must be a whole number of 64 bits'],
    ],
  ])("%s %j", async (desc, json, faults) => {
    expect(await faultsIn(desc, json)).toEqual(faults);
  });

  it.each([
    ["{", /^the request is no JSON \(.*\): send one JSON object/],
    ["```json\n{}\n```", /: send one JSON object with nothing around it, /],
    ['{"validate_only": True}', /, true, false and null in lower case, /],
    ["", /^the request is no JSON/],
    ['{"a":1,}', /^the request is no JSON \(.*double-quoted property name.*\)/],
    ["[]", /^the request is a list, must be an object with strategy, expected_version, validate_only$/],
    ["null", /^the request is null, must be/],
    [`{"strategy":${'{"a":['.repeat(300)}`, /nests too deeply/],
  ])("that is no JSON object is refused as a whole: %j", async (text, message) => {
    await expect(readText(saveStrategy.input, text)).rejects.toThrow(message);
  });

  it("keeps faults of one strategy of a batch apart from the others", async () => {
    const strategies = [{ strategy_id: "a" }, { strategy_id: "b", base_size_usd: "x" }, { strategy_id: "c" }];
    const { message, faults } = await readText(batchSaveStrategies.input, JSON.stringify({ strategies }));
    expect(faults).toEqual([]);
    expect(message.strategies.map(faultsOf)).toEqual([
      undefined,
      [{ field: "base_size_usd", description: 'is the text "x", must be a number', lost: true }],
      undefined,
    ]);
  });

  it("has bounds that no request of any use comes near", async () => {
    const many = (count: number, json: string): string => `[${Array.from({ length: count }, () => json).join()}]`;
    const labels = Object.fromEntries(Array.from({ length: 1_001 }, (_, i) => [i, "x"]));
    const tooMany = (desc: Request, json: string) => expect(faultsIn(desc, json)).rejects;
    await tooMany(listDecisions.input, `{"symbols":${many(5_001, '"A"')}}`).toThrow(
      "symbols: has 5001 entries, must have at most 5000",
    );
    await tooMany(batchSaveStrategies.input, `{"strategies":${many(1_001, "{}")}}`).toThrow(
      "strategies: has 1001 entries, must have at most 1000",
    );
    await expect(strategyOf({ labels })).rejects.toThrow("strategy.labels: has 1001 entries, must have at most 1000");
    await tooMany(evaluate.input, `{"bars":${many(1_000_000, "{}")}}`).toThrow(
      /^bars: has 2\d{5} entries or more, must have at most 20000$/,
    );
    const keys = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`zzz${i}`, 1]));
    expect((await strategyOf(keys)).faults).toHaveLength(41);
    expect((await strategyOf(keys)).faults.at(-1)).toBe("zzz40: is unknown, with 9 keys behind it: leave them out");
  });

  it("with more faults than anybody mends at once says how many more", async () => {
    const symbols = Array.from({ length: 1_000 }, () => 7);
    const { faults } = await readText(listDecisions.input, JSON.stringify({ symbols }));
    expect(faults).toHaveLength(61);
    expect(faults.at(-1)?.description).toBe("and 940 more faults from here on: mend these first");
  });
});
