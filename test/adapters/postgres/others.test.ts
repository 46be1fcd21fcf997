import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { sqlStrategies } from "../../../src/adapters/postgres/sql-strategies.ts";
import type { StoredStrategy, StrategyConfig } from "../../../src/domain/strategy.ts";
import { loadStored } from "../../../src/engine/strategies/strategy-book.ts";
import type { StrategyRepository } from "../../../src/ports/strategy-repository.ts";
import { strategyConfig } from "../../contracts/arbitraries.ts";
import { cursorOf } from "../../contracts/strategy-repository.ts";
import { embeddedDatabase } from "./embedded.ts";
import { servedDatabase } from "./served.ts";

const LEAST = `
  INSERT INTO sg_strategies (strategy_id, name, status, entry_indicators, base_size_usd, stop_loss_pct, take_profit_pct)
  VALUES ($1, 'by hand', 'LIVE', '[{"name": "RSI", "operator": "<", "value": 30}]', 1000, 0.02, 0.05)`;

interface PlantedRow {
  conditions: fc.JsonValue;
  labels: fc.JsonValue;
  score: string | null;
}

const SOUND: PlantedRow = { conditions: [{ name: "RSI", value: 30 }], labels: {}, score: "0.25" };
const NO_SCORE: PlantedRow = { ...SOUND, score: "NaN" };

/**
 * Columns that no reader can make a strategy of, though what stands inside of them looks like one.
 */
const UNREADABLE: readonly Partial<PlantedRow>[] = [
  { conditions: [[]] },
  { conditions: [[{ name: "RSI" }]] },
  { conditions: [{ name: ["RSI"] }] },
  { conditions: [{ value: [1] }] },
  { conditions: [{ operator: [] }] },
  { conditions: ["RSI < 30"] },
  { conditions: [null] },
  { labels: { a: [] } },
  { labels: { a: ["b"] } },
  { labels: { a: null } },
];

async function only(strategies: StrategyRepository, strategyId: string): Promise<StoredStrategy> {
  const stored = (await strategies.get([strategyId])).get(strategyId);
  if (stored === undefined) {
    throw new Error(`no strategy ${strategyId}`);
  }
  return stored;
}

function aConfig(): StrategyConfig {
  const [config] = fc.sample(strategyConfig, 1);
  if (config === undefined) {
    throw new Error("no sample");
  }
  return config;
}

describe.each([
  ["PGlite", embeddedDatabase],
  ["PostgreSQL", servedDatabase],
])("on %s", (_, open) => {
  const database = open();

  async function opened(): Promise<{ db: Queryable; strategies: StrategyRepository }> {
    const db = await database();
    const strategies = sqlStrategies(db);
    await strategies.ready();
    return { db, strategies };
  }

  describe("strategies that others write with plain SQL", () => {
    it("need no more columns than those without a default", async () => {
      const { db, strategies } = await opened();
      await db.query(LEAST, ["a"]);
      expect(await only(strategies, "a")).toStrictEqual({
        strategyId: "a",
        draft: {
          strategyId: "a",
          name: "by hand",
          status: "LIVE",
          entryIndicators: [{ name: "RSI", operator: "<", value: 30, timeframe: "" }],
          entryLogic: "",
          baseSizeUsd: 1000,
          confidenceScaling: true,
          stopLossPct: 0.02,
          takeProfitPct: 0.05,
          allowedRegimes: [],
          minConfidence: 0.5,
          maxPositions: 1,
          side: "",
          timeframe: "1h",
          trigger: "LEVEL",
          cooldownMs: 60_000,
          symbols: [],
          labels: {},
        },
        version: 1,
        createdAt: expect.any(Number),
        updatedAt: expect.any(Number),
      });
    });

    it("may say NULL for what is absent", async () => {
      const { db, strategies } = await opened();
      await db.query(LEAST, ["a"]);
      await db.query(`UPDATE sg_strategies SET entry_logic = NULL, confidence_scaling = NULL, allowed_regimes = NULL,
      min_confidence = NULL, max_positions = NULL, timeframe = NULL, trigger = NULL, cooldown = NULL, symbols = NULL,
      labels = NULL`);
      expect((await only(strategies, "a")).draft).toStrictEqual({
        strategyId: "a",
        name: "by hand",
        status: "LIVE",
        entryIndicators: [{ name: "RSI", operator: "<", value: 30, timeframe: "" }],
        entryLogic: "",
        baseSizeUsd: 1000,
        stopLossPct: 0.02,
        takeProfitPct: 0.05,
        allowedRegimes: [],
        side: "",
        timeframe: "",
        trigger: "",
        symbols: [],
        labels: {},
      });
    });

    it("may say how positions end, as the contract's JSON does (R80)", async () => {
      const { db, strategies } = await opened();
      await db.query(LEAST, ["a"]);
      await db.query(`UPDATE sg_strategies SET take_profit_pct = NULL, max_holding_time = '1 day 90 minutes',
        trailing_stop = '{"distance_pct": 0.03, "activation_pct": 0.05}',
        target_steps = '[{"after": "0s", "take_profit_pct": 0.05}, {"after": "5400.5s", "take_profit_pct": 0.01}]'`);
      expect((await only(strategies, "a")).draft).toMatchObject({
        takeProfitPct: 0,
        maxHoldingTimeMs: 91_800_000,
        trailingStop: { distancePct: 0.03, activationPct: 0.05 },
        targetSteps: [
          { afterMs: 0, takeProfitPct: 0.05 },
          { afterMs: 5_400_500, takeProfitPct: 0.01 },
        ],
      });
    });

    it("may give stop and target as expressions, without a fraction (R80)", async () => {
      const { db, strategies } = await opened();
      await db.query(
        `INSERT INTO sg_strategies (strategy_id, name, status, entry_indicators, base_size_usd, side, stop_loss_at,
          take_profit_at)
        VALUES ('a', 'A', 'LIVE', '[{"name": "RSI", "operator": "<", "value": 30}]', 1000, 'LONG',
          'CLOSE-2*ATR', 'highest_10')`,
      );
      expect(loadStored(await only(strategies, "a"), {})).toMatchObject({
        compiled: { strategy: { stopLossAt: "CLOSE - 2*ATR_14", takeProfitAt: "HIGHEST_10" } },
      });
      await db.query("UPDATE sg_strategies SET stop_loss_at = '', take_profit_at = NULL, stop_loss_pct = 0.02");
      expect((await only(strategies, "a")).version).toBe(2);
      const loaded = loadStored(await only(strategies, "a"), {});
      expect("rejected" in loaded && loaded.rejected.explanation).toContain("take_profit_pct: is 0");
      expect("rejected" in loaded && loaded.rejected.explanation).not.toContain("stop_loss");
    });

    it.each([
      ["stop_loss_at = 'LOWEST_10'", "stop_loss_at: is given, and stop_loss_pct is 0.02"],
      ["stop_loss_pct = NULL", "stop_loss_pct: is 0, must be above 0"],
      ["stop_loss_pct = NULL, stop_loss_at = '95'", 'stop_loss_at: is "95", which reads nothing of the market'],
      ["stop_loss_pct = NULL, stop_loss_at = 'CLOSE -'", "stop_loss_at: "],
      ["take_profit_pct = NULL, take_profit_at = 'NOTHING_7'", "take_profit_at: "],
    ])("are rejected with the path after SET %s (R44)", async (changes, fault) => {
      const { db, strategies } = await opened();
      await db.query(LEAST, ["broken"]);
      await db.query(`UPDATE sg_strategies SET ${changes}`);
      const loaded = loadStored(await only(strategies, "broken"), {});
      expect("rejected" in loaded && loaded.rejected.explanation).toContain(fault);
    });

    it.each([
      ["trailing_stop", "0.03", "trailing_stop: is 0.03, must be an object with distance_pct and activation_pct"],
      [
        "trailing_stop",
        '{"distance": 0.1}',
        "trailing_stop.distance: is unknown (known here: distance_pct, activation_pct): leave it out; trailing_stop.distance_pct: is absent, must be a number",
      ],
      ["trailing_stop", '{"distance_pct": "3 %"}', 'trailing_stop.distance_pct: is "3 %", must be a number'],
      ["trailing_stop", '{"distance_pct": 2}', "trailing_stop.distance_pct: is 2, must be above 0 and below 1"],
      ["target_steps", '{"0": 0.05}', 'target_steps: is {"0":0.05}, must be a list of steps'],
      ["target_steps", "[0.05]", "target_steps[0]: is 0.05, must be an object with after and take_profit_pct"],
      [
        "target_steps",
        '[{"after": 0, "take_profit_pct": 0.05}]',
        'target_steps[0].after: is 0, must be a duration in seconds, as in "5400s"',
      ],
      [
        "target_steps",
        '[{"after": "5s", "take_profit_pct": 0.05}]',
        "target_steps[0].after: is 5 s, must be 0 s: the first step is the target at entry",
      ],
    ])("are rejected with the path where %s is %s (R44)", async (column, value, fault) => {
      const { db, strategies } = await opened();
      await db.query(LEAST, ["broken"]);
      await db.query(`UPDATE sg_strategies SET take_profit_pct = NULL, ${column} = $1::text::jsonb`, [value]);
      const loaded = loadStored(await only(strategies, "broken"), {});
      expect("rejected" in loaded && loaded.rejected.explanation).toContain(fault);
      expect("rejected" in loaded && loaded.rejected.explanation).not.toContain("take_profit_pct: is 0");
    });

    it.each([
      ["entry_indicators", `'{"name": "RSI"}'`, 'entry_indicators is {"name":"RSI"}'],
      ["entry_indicators", "'null'", "entry_indicators is null"],
      ["entry_indicators", "'[7]'", "entry_indicators[0] is 7"],
      ["entry_indicators", "'[[]]'", "entry_indicators[0] is []"],
      ["entry_indicators", `'[{}, {"value": "30"}]'`, 'entry_indicators[1].value is "30"'],
      ["entry_indicators", `'[{"name": {}}]'`, "entry_indicators[0].name is {}"],
      ["labels", `'{"a": 1}'`, "labels.a is 1"],
      ["labels", "'[]'", "labels is []"],
      ["symbols", "ARRAY['BTCUSDT', NULL]", 'symbols is ["BTCUSDT",null]'],
      ["allowed_regimes", "ARRAY[['bull', 'bear']]", 'allowed_regimes is [["bull","bear"]]'],
      ["updated_at", "'infinity'", "updated_at is Infinity"],
    ])("carry a fault where %s is %s", async (column, value, fault) => {
      const { db, strategies } = await opened();
      await db.query(LEAST, ["broken"]);
      await db.query(LEAST, ["whole"]);
      await db.query(`UPDATE sg_strategies SET fitness_score = 0.9, ${column} = ${value} WHERE strategy_id = 'broken'`);
      const [whole, broken] = await strategies.byStatus(["LIVE"]);
      expect(whole?.fault ?? broken?.fault).toContain(fault);
      expect([whole, broken].filter((one) => one?.draft !== undefined)).toMatchObject([{ strategyId: "whole" }]);
    });

    it.each([
      ["base_size_usd = 'NaN'", { baseSizeUsd: Number.NaN }],
      ["fitness_score = 'Infinity'", { fitnessScore: Number.POSITIVE_INFINITY }],
      ["status = 'live'", { status: "live" }],
      ["cooldown = '1 month 0.0005 seconds'", { cooldownMs: 2_592_000_000.5 }],
      [
        `entry_indicators = '[{"name": null, "note": 1}]'`,
        { entryIndicators: [{ name: "", operator: "", timeframe: "" }] },
      ],
      [
        `entry_indicators = '[{"name": "RSI", "operator": "<", "value": 30, "period": 21, "_seed": null}]'`,
        {
          entryIndicators: [
            { name: "RSI", operator: "<", value: 30, timeframe: "", others: { period: 21, _seed: null } },
          ],
        },
      ],
      [`entry_indicators = '[{"value": 1e999}]'`, { entryIndicators: [expect.objectContaining({ value: Infinity })] }],
    ])("are a draft to be refused with %s", async (set, draft) => {
      const { db, strategies } = await opened();
      await db.query(LEAST, ["a"]);
      await db.query(`UPDATE sg_strategies SET ${set}`);
      expect(await only(strategies, "a")).toMatchObject({ draft });
    });

    it("may enter by a tree in the contract's JSON", async () => {
      const { db, strategies } = await opened();
      await db.query(`
        INSERT INTO sg_strategies (strategy_id, name, entry, base_size_usd, stop_loss_pct, take_profit_pct)
        VALUES ('a', 'by hand', '{"tag": "", "_by": 7, "any": {"rules": [
          {"condition": {"name": "RSI", "operator": "<", "value": 30}, "tag": "dip"},
          {"none": {"rules": [{"condition": {"name": "CLOSE", "operator": "<", "indicator": "EMA_50"}}]}}]}}',
          1000, 0.02, 0.05)`);
      const { draft } = await only(strategies, "a");
      expect(draft).toMatchObject({ entryIndicators: [], entryLogic: "" });
      expect(draft?.faults).toBeUndefined();
      expect(draft?.entry).toStrictEqual({
        kind: "any",
        rules: [
          { kind: "condition", condition: { name: "RSI", operator: "<", value: 30, timeframe: "" }, tag: "dip" },
          {
            kind: "none",
            rules: [
              {
                kind: "condition",
                condition: { name: "CLOSE", operator: "<", indicator: "EMA_50", timeframe: "" },
              },
            ],
          },
        ],
      });
    });

    const deep = `${'{"all": {"rules": ['.repeat(40)}${"]}}".repeat(40)}`;
    it.each([
      ["7", "entry", "is 7, must be an object with condition, all, any or none"],
      ['{"and": []}', "entry", 'has "and", must have one of condition, all, any and none, and may have a tag'],
      ['{"all": {"rules": []}, "any": {"rules": []}}', "entry", 'has "all", "any", must have one of'],
      ['{"all": [{}]}', "entry.all", 'is [{}], must be an object with rules: {"rules": [{"condition": …}]}'],
      ['{"any": {"rules": [{}, []]}}', "entry.any.rules[1]", "is [], must be an object"],
      ['{"all": {"rules": [{"condition": []}]}}', "entry.all.rules[0].condition", "is [], must be an object"],
      ['{"condition": {"name": 7}}', "entry.condition.name", "is 7, must be a text"],
      ['{"condition": {"value": "30"}}', "entry.condition.value", 'is "30", must be a number; another indicator'],
      ['{"condition": {}, "tag": 1}', "entry.tag", "is 1, must be a text"],
      [deep, `entry${".all.rules[0]".repeat(17)}`, "has more parts, or deeper ones, than a rule may have"],
      [`{"all": {"rules": [${"{},".repeat(1_000)}{}]}}`, "entry.all.rules[999]", "has more parts"],
    ])("have the path of what is wrong with the tree %s", async (entry, field, description) => {
      const { db, strategies } = await opened();
      await db.query(LEAST, ["a"]);
      await db.query("UPDATE sg_strategies SET entry = $1::text::jsonb, fitness_score = 0.9", [entry]);
      const [fault] = (await only(strategies, "a")).draft?.faults ?? [];
      expect(fault).toMatchObject({ field, description: expect.stringContaining(description), lost: true });
    });

    it("are told of where their status is none, as they come, change and go", async () => {
      const { db, strategies } = await opened();
      await db.query(LEAST, ["a"]);
      await db.query("UPDATE sg_strategies SET status = 'live'");
      const first = await strategies.changedSince(["LIVE"]);
      expect(first.strategies).toMatchObject([{ strategyId: "a", draft: { status: "live" } }]);
      await db.query(LEAST, ["b"]);
      await db.query("UPDATE sg_strategies SET status = 'Live' WHERE strategy_id = 'b'");
      const second = await strategies.changedSince(["LIVE"], first.mark);
      expect(second).toMatchObject({ strategies: [{ strategyId: "b", draft: { status: "Live" } }], gone: [] });
      await db.query("UPDATE sg_strategies SET status = 'DISABLED' WHERE strategy_id = 'a'");
      const third = await strategies.changedSince(["LIVE"], second.mark);
      expect(third).toMatchObject({ strategies: [], gone: ["a"] });
      expect(await strategies.byStatus(["LIVE"])).toEqual([]);
    });

    it("are all reached page by page, whatever their conditions, labels and scores are", async () => {
      const row = fc.record({
        conditions: fc.jsonValue({ maxDepth: 3 }),
        labels: fc.jsonValue({ maxDepth: 2 }),
        score: fc.constantFrom<string | null>("NaN", "Infinity", "-Infinity", "0.5", "0.25", null),
      });
      await fc.assert(
        fc.asyncProperty(fc.array(row, { maxLength: 8 }), async (rows) => {
          const { db, strategies } = await opened();
          for (const [i, { conditions, labels, score }] of rows.entries()) {
            const clean = (value: unknown) => JSON.stringify(value).replaceAll("\\u0000", "");
            await db.query(LEAST, [`s${i}`]);
            await db.query(
              `UPDATE sg_strategies SET entry_indicators = $1::text::jsonb, labels = $2::text::jsonb,
               fitness_score = $3::text::double precision WHERE strategy_id = $4`,
              [clean(conditions), clean(labels), score, `s${i}`],
            );
          }
          const reached: string[] = [];
          let last: StoredStrategy | undefined;
          do {
            [last] = await strategies.list({ limit: 1, ...(last && { after: cursorOf(last) }) });
            reached.push(...(last ? [last.strategyId] : []));
          } while (last !== undefined && reached.length <= rows.length);
          expect(reached).toHaveLength(rows.length);
          expect(new Set(reached).size).toBe(rows.length);
          const live = await strategies.byStatus(["LIVE"]);
          expect(live.map((one) => one.strategyId)).toEqual(reached);
        }),
        {
          numRuns: 40,
          examples: UNREADABLE.map((bad): [PlantedRow[]] => [[SOUND, { ...SOUND, score: "0.5", ...bad }, NO_SCORE]]),
        },
      );
    });

    it("get the next version and time of update by themselves", async () => {
      const { db, strategies } = await opened();
      const config = { ...aConfig(), strategyId: "a", name: "saved" };
      await strategies.save([{ config, expectedVersion: 0 }], 1000);
      await db.query("UPDATE sg_strategies SET name = 'by hand'");
      const changed = await only(strategies, "a");
      expect(changed).toMatchObject({ version: 2, createdAt: 1000, draft: { name: "by hand" } });
      expect(changed.updatedAt).toBeGreaterThan(1000);
      await db.query("UPDATE sg_strategies SET name = 'by hand', last_executed_at = now()");
      expect(await only(strategies, "a")).toMatchObject({ version: 2, updatedAt: changed.updatedAt });
      await db.query("UPDATE sg_strategies SET version = 1");
      expect(await only(strategies, "a")).toMatchObject({ version: 3 });
      expect(await strategies.save([{ config, expectedVersion: 1 }], 2000)).toEqual([{ conflict: { found: 3 } }]);
    });

    it("wake those that watch: insert, update, delete and truncate, but no note of an execution", async () => {
      const { db, strategies } = await opened();
      const heard: string[] = [];
      const marks: string[] = [];
      const unlisten = [
        await db.listen?.("sg_strategies_changed", () => heard.push("change")),
        await db.listen?.("test_mark", () => heard.push(marks.shift() ?? "")),
      ];
      // Heard in the order of the commits, by whichever connection they came.
      const mark = async (text: string) => {
        marks.push(text);
        await db.query("NOTIFY test_mark");
      };
      const steps = strategies.changes(new AbortController().signal)[Symbol.asyncIterator]();
      const step = steps.next();
      await db.query(LEAST, ["a"]);
      await mark("inserted");
      await db.query("UPDATE sg_strategies SET status = 'SHADOW'");
      await mark("updated");
      await strategies.touch(new Map([["a", 5]]));
      await mark("touched");
      await db.query("DELETE FROM sg_strategies");
      await mark("deleted");
      await db.query("TRUNCATE sg_strategies");
      await mark("truncated");
      await vi.waitFor(() => expect(marks).toEqual([]));
      await Promise.all(unlisten.map((stop) => stop?.()));
      expect(heard.join(" ")).toBe("change inserted change updated touched change deleted change truncated");
      expect((await step).done).toBe(false);
    });
  });

  it("wakes those that watch for a change of every column that is not kept by the tables or of executions", async () => {
    const { db } = await opened();
    const { rows } = await db.query<{ name: string }>(`
      SELECT attname AS name FROM pg_attribute a, pg_trigger t
      WHERE t.tgname = 'sg_strategies_notify' AND a.attrelid = t.tgrelid AND a.attnum > 0 AND NOT a.attisdropped
        AND NOT a.attnum = ANY (t.tgattr::int2[]) ORDER BY name`);
    expect(rows.map(({ name }) => name)).toEqual(["changed_in", "fitness_rank", "last_executed_at"]);
  });

  describe("the status history", () => {
    it("has the reason of each change of status, and outlives the strategy", async () => {
      const { db, strategies } = await opened();
      await db.query(LEAST, ["a"]);
      await strategies.setStatus("a", "SHADOW", "try it", 1000);
      await strategies.setStatus("a", "SHADOW", "again", 2000);
      await strategies.setStatus("a", "DISABLED", "drawdown", 3000);
      await strategies.delete("a", "never came back", 4000);
      expect((await strategies.get(["a"])).size).toBe(0);
      const { rows } = await db.query(`SELECT strategy_id, from_status, to_status, reason, version::integer,
      sg_ms(changed_at) AS changed_at FROM sg_strategy_status_history ORDER BY id`);
      expect(rows).toEqual([
        { strategy_id: "a", from_status: "LIVE", to_status: "SHADOW", reason: "try it", version: 2, changed_at: 1000 },
        {
          strategy_id: "a",
          from_status: "SHADOW",
          to_status: "DISABLED",
          reason: "drawdown",
          version: 3,
          changed_at: 3000,
        },
        {
          strategy_id: "a",
          from_status: "DISABLED",
          to_status: "DELETED",
          reason: "never came back",
          version: 3,
          changed_at: 4000,
        },
      ]);
    });
  });

  describe("times in the tables", () => {
    it("are the ms given, as far as a Date reaches", async () => {
      const db = await database();
      // timestamptz begins in 4713 BC, a Date ends in 275760.
      const ms = fc.oneof(
        fc.integer({ min: -210_866_803_200_000, max: 8_640_000_000_000_000 }),
        fc.constantFrom(-1, 0, 1, 1_700_000_000_001, 8_640_000_000_000_000),
      );
      await fc.assert(
        fc.asyncProperty(ms, async (time) => {
          const { rows } = await db.query<{ ms: number }>("SELECT sg_ms(sg_time($1)) AS ms", [time]);
          expect(rows).toEqual([{ ms: time }]);
        }),
        { numRuns: 200 },
      );
    });

    it("are the moments that people read there", async () => {
      const db = await database();
      const text = `SELECT to_char(sg_time($1) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS text`;
      const fourDigitYears = fc.integer({ min: Date.UTC(1000), max: Date.UTC(10_000) - 1 });
      await fc.assert(
        fc.asyncProperty(fourDigitYears, async (time) => {
          expect((await db.query(text, [time])).rows).toEqual([{ text: new Date(time).toISOString() }]);
        }),
      );
    });
  });
});
