import type { StrategyConfig } from "../../domain/strategy.ts";
import type { StrategyWrite } from "../../ports/strategy-repository.ts";
import { exitColumnsOf } from "./exit-columns.ts";
import { conditionJson, ruleJson } from "./rule-json.ts";

/**
 * What strategy-row.ts reads, of the table under the name `s`: one text a row. The client would
 * take three times as long for as many columns, and a hundred thousand rows come at once.
 */
const STRATEGY_JSON = `(SELECT to_json(r)::text FROM (SELECT
  s.strategy_id, s.name, s.status, s.entry_indicators, s.entry_logic, s.entry, s.exit, s.base_size_usd, s.confidence_scaling,
  s.stop_loss_pct, s.stop_loss_at, s.take_profit_pct, s.take_profit_at, (extract(epoch FROM s.max_holding_time) * 1000)::double precision AS max_holding_ms,
  s.trailing_stop, s.target_steps, s.allowed_regimes, s.min_confidence, s.max_positions, s.fitness_score, s.side,
  s.timeframe, s.trigger, (extract(epoch FROM s.cooldown) * 1000)::double precision AS cooldown_ms, s.symbols, s.labels,
  s.version::double precision AS version, sg_ms(s.created_at) AS created_at, sg_ms(s.updated_at) AS updated_at,
  sg_ms(s.last_executed_at) AS last_executed_at) AS r) AS strategy`;

/**
 * What is read after it in the same transaction is as of one moment: whatever is written meanwhile
 * is not seen.
 */
export const ONE_MOMENT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";

/** Others may write any text as the status. As the index of such rows has it. */
const NO_STATUS = "s.status <> ALL ('{CANDIDATE,SHADOW,LIVE,DISABLED}'::text[])";
/**
 * The opposite, so written that the planner does not take it for a reason to walk the index of all
 * statuses.
 */
const HAS_STATUS = "(s.status || '') = ANY ('{CANDIDATE,SHADOW,LIVE,DISABLED}'::text[])";

/**
 * All with one of so many statuses, a parameter each, and `strays`, whose status is none. Each
 * status has its order from an index, and they are merged: rows come from the first one on, and
 * none of other statuses is looked at.
 */
export function allByStatus(statuses: number, strays: boolean): string {
  const order = "ORDER BY s.fitness_rank, s.strategy_id";
  const named = Array.from({ length: statuses }, (_, i) => `s.status = $${i + 1}::text`);
  const each = [...named, ...(strays ? [NO_STATUS] : [])].map(
    (which) => `(SELECT ${STRATEGY_JSON}, s.fitness_rank, s.strategy_id FROM sg_strategies s WHERE ${which} ${order})`,
  );
  return `SELECT s.strategy FROM (${each.join(" UNION ALL ")}) AS s ${order}`;
}

/** Without statistics the planner would rather sort everything before it gives the first row. */
export const NO_SORT = "SET LOCAL enable_sort = off";

/**
 * The oldest transaction that is still open: all before it are seen, some after it are not. And the
 * server's time, ms.
 *
 * For the rest of the transaction, the planner is kept from reading the whole table for what
 * changed in it: without statistics, which a table has only some time after it was filled, it
 * would.
 */
export const MOMENT = `
  SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS oldest, sg_ms(now()) AS time,
    set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true)`;

/**
 * $1 statuses, $2 transaction. The order makes the planner follow the index, whatever it guesses of
 * how many they are.
 */
export const CHANGED_SINCE = `
  SELECT ${STRATEGY_JSON} FROM sg_strategies s
  WHERE (s.status = ANY($1::text[]) OR ${NO_STATUS}) AND s.changed_in >= $2::text::xid8
  ORDER BY s.changed_in, s.strategy_id`;

/** $1 statuses, $2 transaction. */
export const GONE_SINCE = `
  SELECT strategy_id, changed_in::text FROM (
    SELECT strategy_id, changed_in FROM sg_strategies s
      WHERE changed_in >= $2::text::xid8 AND status <> ALL($1::text[]) AND ${HAS_STATUS}
    UNION ALL
    SELECT strategy_id, changed_in FROM sg_strategies_gone g WHERE changed_in >= $2::text::xid8
      AND NOT EXISTS (SELECT FROM sg_strategies s WHERE s.strategy_id = g.strategy_id)
  ) AS gone ORDER BY gone.changed_in, strategy_id`;

/** $1 ids. */
export const READ_BY_ID = `SELECT ${STRATEGY_JSON} FROM sg_strategies s WHERE s.strategy_id = ANY($1::text[])`;

/** $1 fitness rank and $2 id of the cursor, $3 limit, $4 status. */
export const LIST_BY_STATUS = `
  SELECT ${STRATEGY_JSON} FROM sg_strategies s
  WHERE s.status = $4 AND (s.fitness_rank, s.strategy_id) > ($1::double precision, $2::text)
  ORDER BY s.fitness_rank, s.strategy_id LIMIT $3`;

/** $1 fitness rank and $2 id of the cursor, $3 limit. */
export const LIST_ALL = `
  SELECT ${STRATEGY_JSON} FROM sg_strategies s
  WHERE (s.fitness_rank, s.strategy_id) > ($1::double precision, $2::text)
  ORDER BY s.fitness_rank, s.strategy_id LIMIT $3`;

/**
 * $1 the writes as writesJson gives them, $2 time in ms, $3 epoch. Answers with the rows written;
 * what is not among them found another version.
 */
export const SAVE = `
  WITH writes AS (
    SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS w (
      strategy_id text, name text, status text, entry_indicators jsonb, entry_logic text, entry jsonb, exit jsonb,
      base_size_usd double precision,
      confidence_scaling boolean, stop_loss_pct double precision, stop_loss_at text,
      take_profit_pct double precision, take_profit_at text,
      max_holding_ms double precision, trailing_stop jsonb, target_steps jsonb, allowed_regimes text[],
      min_confidence double precision, max_positions integer, fitness_score double precision,
      side text, timeframe text, trigger text, cooldown_ms double precision, symbols text[], labels jsonb,
      expected_version bigint)
    WHERE (SELECT sg_fence($3::bigint))
  ), inserted AS (
    INSERT INTO sg_strategies AS s (
      strategy_id, name, status, entry_indicators, entry_logic, entry, exit, base_size_usd, confidence_scaling, stop_loss_pct,
      stop_loss_at, take_profit_pct, take_profit_at, max_holding_time, trailing_stop, target_steps, allowed_regimes, min_confidence, max_positions,
      fitness_score, side, timeframe, trigger, cooldown,
      symbols, labels, version, created_at, updated_at)
    SELECT strategy_id, name, status, entry_indicators, entry_logic, entry, exit, base_size_usd, confidence_scaling,
      stop_loss_pct, stop_loss_at, take_profit_pct, take_profit_at, max_holding_ms * interval '1 millisecond', trailing_stop, target_steps, allowed_regimes,
      min_confidence, max_positions, fitness_score, side, timeframe, trigger,
      cooldown_ms * interval '1 millisecond', symbols, labels, 1, sg_time($2), sg_time($2)
    FROM writes WHERE expected_version = 0 ORDER BY strategy_id
    ON CONFLICT (strategy_id) DO NOTHING
    RETURNING ${STRATEGY_JSON}
  ), updated AS (
    UPDATE sg_strategies AS s SET name = w.name, status = w.status, entry_indicators = w.entry_indicators,
      entry_logic = w.entry_logic, entry = w.entry, exit = w.exit, base_size_usd = w.base_size_usd,
      confidence_scaling = w.confidence_scaling,
      stop_loss_pct = w.stop_loss_pct, stop_loss_at = w.stop_loss_at,
      take_profit_pct = w.take_profit_pct, take_profit_at = w.take_profit_at,
      max_holding_time = w.max_holding_ms * interval '1 millisecond', trailing_stop = w.trailing_stop,
      target_steps = w.target_steps, allowed_regimes = w.allowed_regimes,
      min_confidence = w.min_confidence, max_positions = w.max_positions, fitness_score = w.fitness_score, side = w.side,
      timeframe = w.timeframe, trigger = w.trigger, cooldown = w.cooldown_ms * interval '1 millisecond',
      symbols = w.symbols, labels = w.labels, version = s.version + 1, updated_at = sg_time($2)
    FROM writes w WHERE s.strategy_id = w.strategy_id AND s.version = w.expected_version
    RETURNING ${STRATEGY_JSON}
  )
  SELECT * FROM inserted UNION ALL SELECT * FROM updated`;

/** $1 ids. */
export const VERSIONS = `
  SELECT strategy_id, version::double precision AS version FROM sg_strategies WHERE strategy_id = ANY($1::text[])`;

/** $1 id, $2 status, $3 reason, $4 time in ms, $5 epoch. */
export const SET_STATUS = `
  WITH was AS (
    SELECT strategy_id, status FROM sg_strategies
    WHERE strategy_id = $1 AND (SELECT sg_fence($5::bigint)) FOR UPDATE
  ), changed AS (
    UPDATE sg_strategies AS s SET status = $2, version = s.version + 1, updated_at = sg_time($4)
    FROM was WHERE s.strategy_id = was.strategy_id AND was.status <> $2
    RETURNING ${STRATEGY_JSON}, s.version
  ), noted AS (
    INSERT INTO sg_strategy_status_history (strategy_id, from_status, to_status, reason, version, changed_at)
    SELECT was.strategy_id, was.status, $2, $3, changed.version, sg_time($4) FROM was, changed
  )
  SELECT strategy FROM changed
  UNION ALL
  SELECT ${STRATEGY_JSON} FROM sg_strategies s WHERE s.strategy_id = $1 AND NOT EXISTS (SELECT FROM changed)`;

/** $1 id, $2 reason, $3 time in ms, $4 epoch. Answers with what became of it; no row, no strategy. */
export const DELETE = `
  WITH was AS (
    SELECT strategy_id, status, version FROM sg_strategies
    WHERE strategy_id = $1 AND (SELECT sg_fence($4::bigint)) FOR UPDATE
  ), deleted AS (
    DELETE FROM sg_strategies AS s USING was
    WHERE s.strategy_id = was.strategy_id AND was.status NOT IN ('LIVE', 'SHADOW') RETURNING s.strategy_id
  ), noted AS (
    INSERT INTO sg_strategy_status_history (strategy_id, from_status, to_status, reason, version, changed_at)
    SELECT was.strategy_id, was.status, 'DELETED', $2, was.version, sg_time($3) FROM was, deleted
  )
  SELECT CASE WHEN EXISTS (SELECT FROM deleted) THEN 'deleted' ELSE 'active' END AS fate FROM was`;

/** $1 ids, $2 times in ms, $3 epoch. */
export const TOUCH = `
  UPDATE sg_strategies AS s SET last_executed_at = sg_time(t.ms)
  FROM unnest($1::text[], $2::double precision[]) AS t (strategy_id, ms)
  WHERE s.strategy_id = t.strategy_id AND (s.last_executed_at IS NULL OR s.last_executed_at < sg_time(t.ms))
    AND (SELECT sg_fence($3::bigint))`;

export const CHANGED = "sg_strategies_changed";

/** The first parameter of SAVE. */
export function writesJson(writes: readonly StrategyWrite[]): string {
  return JSON.stringify(
    writes.map(({ config, expectedVersion }) => ({ ...columnsOf(config), expected_version: expectedVersion })),
  );
}

function columnsOf(config: StrategyConfig): Readonly<Record<string, unknown>> {
  return {
    strategy_id: config.strategyId,
    name: config.name,
    status: config.status,
    entry_indicators: config.entryIndicators.map(conditionJson),
    entry_logic: config.entryLogic ?? null,
    entry: config.entry === undefined ? null : ruleJson(config.entry),
    exit: config.exit === undefined ? null : ruleJson(config.exit),
    base_size_usd: config.baseSizeUsd,
    confidence_scaling: config.confidenceScaling,
    stop_loss_pct: config.stopLossPct ?? null,
    stop_loss_at: config.stopLossAt ?? null,
    take_profit_pct: config.takeProfitPct ?? null,
    take_profit_at: config.takeProfitAt ?? null,
    ...exitColumnsOf(config),
    allowed_regimes: config.allowedRegimes,
    min_confidence: config.minConfidence,
    max_positions: config.maxPositions,
    fitness_score: config.fitnessScore ?? null,
    side: config.side,
    timeframe: config.timeframe,
    trigger: config.trigger,
    cooldown_ms: config.cooldownMs,
    symbols: config.symbols,
    labels: config.labels,
  };
}
