import { hash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type Bar, closeTime } from "../../src/domain/bar.ts";
import type { Evaluation } from "../../src/domain/decision.ts";
import { gainOf, Tally } from "../../src/domain/performance.ts";
import { type ClosedPosition, compareClosed, profit } from "../../src/domain/position.ts";
import { type Timeframe, timeframeMs } from "../../src/domain/timeframe.ts";
import type { EvaluateQuery } from "../../src/engine/api.ts";
import { validateStrategy } from "../../src/engine/validation/validate-strategy.ts";
import { canonicalText } from "../../src/expressions/canonical.ts";
import { parseExpression } from "../../src/expressions/parse-expression.ts";
import { indicatorNamed } from "../../src/indicators/grammar.ts";
import { computeIndicator } from "../../src/indicators/indicator-set.ts";
import { barsNeeded } from "../../src/indicators/readiness.ts";
import { history, type Rig, startRig, T0 } from "../engine/rig.ts";
import { conditionsOf, draftOf } from "../engine/validation/drafts.ts";
import { barsFrom } from "../scripted-feed.ts";
import { clockTime, ExamplePage, shown, strategyOf, table } from "./example-page.ts";

const at = (time: string): number => T0 + Date.parse(`1970-01-01T${time}:00Z`);

const MET = { true: "met", false: "not met", undefined: "unknown" };

/** Evaluates on bars that are given, once for each number of bars from the second on. */
async function evaluations(rig: Rig, query: Pick<EvaluateQuery, "strategy" | "bars">): Promise<readonly Evaluation[]> {
  const results: Evaluation[] = [];
  for (let count = 2; count <= query.bars.length; count++) {
    results.push(await rig.evaluate({ ...query, bars: query.bars.slice(0, count) }));
  }
  return results;
}

/** The bars of a csv block of closes: each opens where the one before closed. */
function barsOf(page: ExamplePage, timeframe: Timeframe, start = T0): readonly Bar[] {
  return barsFrom(start, timeframe, page.numbers("closes"));
}

describe("the worked example of docs/semantics", () => {
  it("bars.md: a hole of the history, and a longer timeframe", async () => {
    const page = new ExamplePage("bars");
    const rig = await startRig({
      symbols: [],
      startAt: at("11:00"),
      prepare(feed) {
        for (const timeframe of ["15m", "1h"] as const) {
          const bars = page.rows(timeframe).map((row) => {
            const close = Number(row.close);
            const openTime = at(row["close time"] ?? "") - timeframeMs(timeframe);
            return { openTime, open: close, high: close, low: close, close, volume: 1 };
          });
          feed.record("BTC", timeframe, bars);
        }
      },
    });
    const entryIndicators = conditionsOf("CLOSE > 1; SMA_3 > 1; CLOSE > 1 on 1h");
    const config = draftOf({ timeframe: "15m", side: "LONG", entryIndicators });
    const rows = [["close", "CLOSE", "SMA_3", "CLOSE@1h", "outcome"]];
    for (const time of ["10:00", "10:15", "10:30", "10:45", "11:00"]) {
      const { indicators, outcome } = await rig.evaluate({ strategy: { config }, at: at(time) });
      const values = ["CLOSE", "SMA_3", "CLOSE@1h"].map((name) => shown(indicators[name]));
      rows.push([time, ...values, outcome]);
    }
    expect(page.text("computed")).toBe(table(rows));
  });

  it("indicators.md: values, undefined ones, and the bars that an indicator needs", () => {
    const page = new ExamplePage("indicators");
    const bars = barsOf(page, "1h");
    const names = ["SMA_3", "EMA_3", "RSI_2", "HIGHEST_3"];
    const values = names.map((name) => computeIndicator(indicatorNamed(name), bars));
    const rows = bars.map((bar, i) => [shown(bar.close), ...values.map((of) => shown(of[i]))]);
    expect(page.text("computed")).toBe(table([["CLOSE", ...names], ...rows]));
    const candles = page.rows("candles").map(({ open, high, low, close }, i) => ({
      openTime: T0 + i * timeframeMs("1h"),
      ...{ open: Number(open), high: Number(high), low: Number(low), close: Number(close), volume: 1 },
    }));
    const patterns = ["CDL_MORNINGSTAR_0.3", "CDL_ENGULFING", "CDL_DOJI"];
    const read = patterns.map((name) => computeIndicator(indicatorNamed(name), candles));
    const last = candles.map((bar, i) => [shown(bar.close), ...read.map((of) => shown(of[i]))]).slice(9);
    expect(page.text("patterns")).toBe(table([["close", ...patterns], ...last]));
    const needs = ["SMA_20", "RSI_14", "EMA_20", "MACD_12_26_9", "ADX_14"].map((name) => {
      const indicator = indicatorNamed(name);
      return [name, String(barsNeeded(indicator, false)), String(barsNeeded(indicator, true))];
    });
    expect(page.text("settled")).toBe(table([["indicator", "bars until defined", "bars until settled"], ...needs]));
  });

  it("conditions.md: what is unknown, and what fires", async () => {
    const page = new ExamplePage("conditions");
    const rig = await startRig({ symbols: [] });
    const query = { strategy: { config: await page.strategy() }, bars: barsOf(page, "1h") };
    const rows = (await evaluations(rig, query)).map(({ conditions, outcome, side }) => {
      const [average, level] = conditions;
      const answers = [average, level].map((one) => MET[String(one?.met) as keyof typeof MET]);
      return [shown(average?.left), shown(average?.right), ...answers, outcome, side];
    });
    const header = ["CLOSE", "SMA_3", "CLOSE > SMA_3", "CLOSE > 100", "outcome", "side"];
    expect(page.text("computed")).toBe(table([header, ...rows]));
  });

  it("expressions.md: texts, and values that begin afresh", async () => {
    const page = new ExamplePage("expressions");
    const [header = "", ...lines] = page.text("texts").trimEnd().split("\n");
    const column = header.indexOf("canonical");
    for (const line of lines) {
      const written = line.slice(0, column).trim();
      const parsed = parseExpression(written);
      const fault = "fault" in parsed ? parsed.fault.slice(parsed.fault.indexOf("at character")) : undefined;
      expect(fault ?? ("expression" in parsed && canonicalText(parsed.expression, "1h"))).toBe(line.slice(column));
    }
    const rig = await startRig({ symbols: [] });
    const volumes = page.numbers("bars", "volume");
    const bars = barsFrom(T0, "1h", page.numbers("bars")).map((bar, i) => ({ ...bar, volume: volumes[i] ?? 0 }));
    const names = ["CLOSE", "CLOSE[2]", "SMA_3"];
    const results = await evaluations(rig, { strategy: { config: await page.strategy() }, bars });
    const rows = results.map(({ indicators, conditions, outcome }) => [
      ...names.map((name) => shown(indicators[name])),
      shown(conditions[0]?.left),
      shown(conditions[2]?.left),
      String(conditions[2]?.missingBars),
      shown(indicators["CLOSE@2h"]),
      outcome,
    ]);
    const columns = [...names, "CLOSE/SMA_3 - 1", "SMA_2(VOLUME/VOLUME[1])", "missing bars", "CLOSE@2h", "outcome"];
    expect(page.text("computed")).toBe(table([columns, ...rows]));
  });

  it("rules.md: what each part of a tree comes to, and the tags", async () => {
    const page = new ExamplePage("rules");
    const rig = await startRig({ symbols: [] });
    const query = { strategy: { config: await page.strategy() }, bars: barsOf(page, "1h") };
    const found = await evaluations(rig, query);
    const paths = found[0]?.conditions.map(({ path = "" }) => path) ?? [];
    const rows = found.map(({ conditions, outcome, decision }) => [
      shown(conditions[0]?.left),
      ...conditions.map(({ met }) => MET[String(met) as keyof typeof MET]),
      outcome,
      decision?.tags?.join(", ") ?? "",
    ]);
    expect(page.text("computed")).toBe(table([["CLOSE", ...paths, "outcome", "tags"], ...rows]));
  });

  it("strength-and-size.md: from a value to the levels", async () => {
    const page = new ExamplePage("strength-and-size");
    const rig = await startRig({ symbols: [] });
    await rig.engine.policy.change({ riskMode: "AGGRESSIVE" });
    const query = {
      strategy: { config: await page.strategy() },
      indicators: page.json<Record<string, number>>("values"),
    };
    const { conditions, decision, requiredConfidence } = await rig.evaluate({ ...query, price: 50_000 });
    const rows = [
      ["margin", conditions[0]?.margin],
      ["strength", decision?.strength],
      ["confidence", decision?.confidence],
      ["required", requiredConfidence],
      ["size_usd", decision?.sizeUsd],
      ["entry_price", decision?.entryPrice],
      ["stop_loss", decision?.stopLoss],
      ["take_profit", decision?.takeProfit],
    ] as const;
    expect(page.text("computed")).toBe(table(rows.map(([name, value]) => [name, shown(value)])));
  });

  it("gates.md: a cooldown, places, and a halt", async () => {
    const page = new ExamplePage("gates");
    const rig = await startRig({ prepare: (feed) => history(feed, "BTC", "1m", [98]) });
    await rig.engine.strategies.save(await page.strategy(), { validateOnly: false });
    const open = async (positionId: string, decisionTime: string): Promise<void> => {
      const decision = (await rig.journaled()).find(({ timestamp }) => timestamp === at(decisionTime));
      const { decisionId = "", entryPrice = 0 } = decision ?? {};
      const position = { positionId, strategyId: "s", symbol: "BTC", side: "LONG", sizeUsd: 1_000 } as const;
      await rig.engine.performance.opened({ ...position, decisionId, entryPrice, openedAt: rig.clock.now() });
    };
    const happens: Readonly<Record<string, () => Promise<unknown>>> = {
      "": async () => {},
      "a position is opened for the decision of 00:02": () => open("first", "00:02"),
      "a position is opened for the decision of 00:04": () => open("second", "00:04"),
      "the first position is closed": () =>
        rig.engine.performance.closed({ positionId: "first", exitPrice: 105, closedAt: rig.clock.now() }),
      "trading is halted": () => rig.engine.policy.change({ halted: true, haltReason: "the example ends" }),
    };
    const rows: string[][] = [];
    for (const row of page.rows("closes")) {
      await happens[row["what happens before"] ?? ""]?.();
      await rig.close({ BTC: Number(row.close) });
      const [[outcome = ""] = []] = Object.entries(rig.summaries().at(-1)?.outcomes ?? {}).filter(([, n]) => n === 1);
      rows.push([row["close time"] ?? "", row.close ?? "", outcome]);
    }
    expect(page.text("computed")).toBe(table([["close time", "close", "outcome"], ...rows]));
  });

  it("exits.md: the plan of a decision, and what becomes of its position", async () => {
    const page = new ExamplePage("exits");
    const rig = await startRig();
    await rig.engine.strategies.save(await page.strategy(), { validateOnly: false });
    await rig.close({ BTC: 100 });
    const [decision] = await rig.journaled();
    const plan = decision?.exitPlan;
    const planned = [
      ["stop_loss", shown(decision?.stopLoss)],
      ["take_profit", shown(decision?.takeProfit)],
      ["trailing_distance_pct", shown(plan?.trailingDistancePct)],
      ["trailing_activation_price", shown(plan?.trailingActivationPrice)],
      ...(plan?.targets ?? []).map(({ time, price }) => [`target from ${clockTime(time)}`, shown(price)]),
      ["exit_by", clockTime(plan?.exitBy ?? 0)],
    ];
    expect(page.text("plan")).toBe(table(planned));
    const position = { positionId: "p", strategyId: "s", symbol: "BTC", side: "LONG", sizeUsd: 1_000 } as const;
    const { decisionId = "", entryPrice = 0 } = decision ?? {};
    await rig.engine.performance.opened({ ...position, decisionId, entryPrice, openedAt: rig.clock.now() });
    const rows: string[][] = [];
    for (const row of page.rows("closes")) {
      await rig.close({ BTC: Number(row.close) });
      const [[outcome = ""] = []] = Object.entries(rig.summaries().at(-1)?.exitOutcomes ?? {});
      const exit = (await rig.journaled()).find(
        ({ action, barCloseTime }) => action && barCloseTime === rig.clock.now(),
      );
      const levels = [shown(exit?.stopLoss), shown(exit?.takeProfit)];
      rows.push([row["close time"] ?? "", row.close ?? "", outcome, exit?.exitReason ?? "–", ...levels]);
    }
    const header = ["close time", "close", "outcome", "reason", "stop", "target"];
    expect(page.text("computed")).toBe(table([header, ...rows]));
  });

  it("decisions.md: order, identity, and times", async () => {
    const page = new ExamplePage("decisions");
    const rig = await startRig({
      symbols: ["BTC", "ETH"],
      completes: true,
      prepare(feed) {
        history(feed, "BTC", "15m", [100]);
        history(feed, "ETH", "15m", [10]);
      },
    });
    for (const strategy of page.json<readonly unknown[]>("strategies")) {
      await rig.engine.strategies.save(await strategyOf(JSON.stringify(strategy)), { validateOnly: false });
    }
    await rig.close({ ETH: 11, BTC: 101 }, "15m");
    const journaled = await rig.journaled();
    const rows = journaled.map(({ sequence, strategyId, symbol, confidence, timestamp, validUntil, decisionId }) => [
      ...[String(sequence), strategyId, symbol, shown(confidence), clockTime(timestamp), clockTime(validUntil ?? 0)],
      decisionId,
    ]);
    const header = ["sequence", "strategy", "symbol", "confidence", "timestamp", "valid_until", "decision_id"];
    expect(page.text("computed")).toBe(table([header, ...rows]));
    expect(hash("sha256", page.text("identity").trimEnd()).slice(0, 32)).toBe(journaled[0]?.decisionId);
  });

  it("validation.md: what is refused, and what is stored", async () => {
    const page = new ExamplePage("validation");
    const refused = validateStrategy(await page.strategy("refused"), {});
    const faults = "violations" in refused ? refused.violations : [];
    expect(page.text("faults")).toBe(faults.map(({ field, description }) => `${field}: ${description}\n`).join(""));
    const stored = validateStrategy(await page.strategy("accepted"), {});
    const { config, warnings } = "config" in stored ? stored : expect.unreachable();
    const conditions = config.entryIndicators.map(
      ({ name, operator, operand, timeframe }) => `condition  ${name} ${operator} ${operand} on ${timeframe}\n`,
    );
    const rest = [`side       ${config.side}\n`, ...warnings.map((warning) => `warning    ${warning}\n`)];
    expect(page.text("stored")).toBe([...conditions, ...rest].join(""));
  });

  it("positions.md: profits, and totals in the order of closing", () => {
    const page = new ExamplePage("positions");
    const positions = page.rows("positions").map(
      (row, i): ClosedPosition => ({
        positionId: row.id ?? "",
        strategyId: "s",
        symbol: "BTC",
        side: row.side === "LONG" ? "LONG" : "SHORT",
        sizeUsd: Number(row.size_usd),
        entryPrice: Number(row.entry_price),
        exitPrice: Number(row.exit_price),
        feesUsd: Number(row.fees_usd),
        openedAt: at(row.opened ?? ""),
        closedAt: at(row.closed ?? ""),
        closeSequence: i + 1,
      }),
    );
    const tally = new Tally();
    let sum = 0;
    const rows = positions.toSorted(compareClosed).map((position) => {
      const { pnl, pnlPct, pnlUsd } = profit(position);
      tally.take(gainOf(position));
      sum += pnlUsd;
      return [position.positionId, shown(pnl), shown(pnlPct), shown(pnlUsd), shown(sum)];
    });
    expect(page.text("computed")).toBe(table([["id", "pnl", "pnl_pct", "pnl_usd", "running sum"], ...rows]));
    const totals = tally.performance("s", 0);
    const lines = [
      ["closed_positions", totals.closedPositions],
      ["wins", totals.wins],
      ["losses", totals.losses],
      ["total_pnl_usd", totals.totalPnlUsd],
      ["mean_pnl_pct", totals.meanPnlPct],
      ["stdev_pnl_pct", totals.stdevPnlPct],
      ["profit_factor", totals.profitFactor],
      ["max_drawdown_usd", totals.maxDrawdownUsd],
      ["mean_hold_time in minutes", (totals.meanHoldTimeMs ?? 0) / 60_000],
    ] as const;
    expect(page.text("totals")).toBe(table(lines.map(([name, value]) => [name, shown(value)])));
  });

  it("evaluate.md: bars of a longer timeframe, values, and a time", async () => {
    const page = new ExamplePage("evaluate");
    const rig = await startRig({ symbols: [] });
    const query = { strategy: { config: await page.strategy() }, bars: barsOf(page, "15m", at("09:30")) };
    const row = ({ barCloseTime = 0, indicators, outcome }: Evaluation) => [
      clockTime(barCloseTime),
      ...["CLOSE", "SMA_4", "CLOSE@1h"].map((name) => shown(indicators[name])),
      outcome,
    ];
    const header = ["bar closed", "CLOSE", "SMA_4", "CLOSE@1h", "outcome"];
    const rows = (await evaluations(rig, query)).map(row);
    expect(page.text("computed")).toBe(table([header, ...rows]));
    const variants = [
      ["with CLOSE@1h = 100", { indicators: { "CLOSE@1h": 100 } }],
      ["with at = 11:07", { at: at("11:07") }],
      ["with both", { indicators: { "CLOSE@1h": 100 }, at: at("11:07") }],
    ] as const;
    const varied: string[][] = [["", ...header]];
    for (const [name, changes] of variants) {
      varied.push([name, ...row(await rig.evaluate({ ...query, ...changes }))]);
    }
    expect(page.text("variants")).toBe(table(varied));
    expect(closeTime(query.bars.at(-1) as Bar, "15m")).toBe(at("11:15"));
  });
});
