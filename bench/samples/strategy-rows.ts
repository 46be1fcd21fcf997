import { FEATURE_NAMES } from "./rulebook.ts";

/** What the conditions of FILL_STRATEGIES read: all of them can lie between 0.5 and 49.5. */
export const ROW_INDICATORS: readonly string[] = FEATURE_NAMES.filter(
  (name) => !/^(WILLR|SMA_CROSS|BB_PERCENT)/.test(name),
);

/**
 * Fills sg_strategies with $1 strategies of two to four conditions on the indicators $2, a SHADOW
 * one in a hundred; thresholds on fifty steps.
 */
export const FILL_STRATEGIES = `
  INSERT INTO sg_strategies (strategy_id, name, status, entry_indicators, base_size_usd, stop_loss_pct, take_profit_pct,
    side, fitness_score, timeframe, labels)
  SELECT 'strategy-' || i, 'Strategy ' || i, CASE WHEN i % 100 = 0 THEN 'SHADOW' ELSE 'LIVE' END,
    (SELECT jsonb_agg(jsonb_build_object(
        'name', ($2::text[])[1 + (i * 7 + k * 5) % cardinality($2::text[])],
        'operator', CASE WHEN (i + k) % 2 = 0 THEN '<' ELSE '>' END,
        'value', (i * 13 + k * 31) % 50 + 0.5, 'timeframe', '1h'))
      FROM generate_series(1, 2 + i % 3) AS k),
    1000, 0.02, 0.05, 'LONG', i % 997 / 997.0, '1h', '{"family": "bench"}'
  FROM generate_series(1, $1::integer) AS i`;
