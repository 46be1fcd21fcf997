const COLUMNS = `
  position_id, strategy_id, symbol, side, decision_id, size_usd, entry_price, sg_ms(opened_at) AS opened_at, exit_price,
  sg_ms(closed_at) AS closed_at, fees_usd, close_sequence::double precision AS close_sequence, exit_reason`;

/** $1 id. */
export const GET = `SELECT ${COLUMNS} FROM sg_positions WHERE position_id = $1`;

/**
 * An opening never takes the place of a closing. Answers with a row where the position was written.
 *
 * A parameter a column, in the order of the table, times in ms; then the epoch.
 */
export const PUT = `
  INSERT INTO sg_positions AS p (position_id, strategy_id, symbol, side, decision_id, size_usd, entry_price, opened_at,
    exit_price, closed_at, fees_usd, close_sequence, exit_reason)
  SELECT $1, $2, $3, $4, $5, $6::double precision, $7::double precision, sg_time($8::double precision),
    $9::double precision, sg_time($10::double precision), $11::double precision, $12::bigint, $13
  WHERE (SELECT sg_fence($14::bigint))
  ON CONFLICT (position_id) DO UPDATE SET strategy_id = excluded.strategy_id, symbol = excluded.symbol,
    side = excluded.side, decision_id = excluded.decision_id, size_usd = excluded.size_usd,
    entry_price = excluded.entry_price, opened_at = excluded.opened_at, exit_price = excluded.exit_price,
    closed_at = excluded.closed_at, fees_usd = excluded.fees_usd, close_sequence = excluded.close_sequence,
    exit_reason = excluded.exit_reason
  WHERE p.closed_at IS NULL OR excluded.closed_at IS NOT NULL
  RETURNING position_id`;

/** $1 the last id of the page before, $2 limit. */
export const OPEN = `
  SELECT ${COLUMNS} FROM sg_positions WHERE closed_at IS NULL AND position_id > $1 ORDER BY position_id LIMIT $2`;

/** $1 strategy id, $2 start and $3 end in ms or NULL. In the order of an index. */
export const CLOSED = `
  SELECT ${COLUMNS} FROM sg_positions AS p
  WHERE p.closed_at IS NOT NULL AND p.strategy_id = $1
    AND ($2::double precision IS NULL OR p.closed_at >= sg_time($2))
    AND ($3::double precision IS NULL OR p.closed_at < sg_time($3))
  ORDER BY p.closed_at, p.position_id`;

/** $1 close sequence, $2 limit, $3 strategy ids or NULL. */
export const CLOSED_AFTER = `
  SELECT ${COLUMNS} FROM sg_positions AS p
  WHERE p.close_sequence > $1::bigint AND ($3::text[] IS NULL OR p.strategy_id = ANY($3))
  ORDER BY p.close_sequence LIMIT $2`;

export const LAST_CLOSE_SEQUENCE =
  "SELECT coalesce(max(close_sequence), 0)::double precision AS last FROM sg_positions";

/** $1 decision id, $2 reason, $3 time in ms, $4 epoch. */
export const REJECT = `
  INSERT INTO sg_rejections (decision_id, reason, time)
  SELECT $1, $2, sg_time($3::double precision) WHERE (SELECT sg_fence($4::bigint))
  ON CONFLICT (decision_id) DO NOTHING`;

/** $1 decision id. */
export const REJECTION = `
  SELECT decision_id AS "decisionId", reason, sg_ms(time) AS "time" FROM sg_rejections WHERE decision_id = $1`;

/** $1 decision ids. */
export const SETTLED = `
  SELECT decision_id FROM sg_rejections WHERE decision_id = ANY($1::text[])
  UNION
  SELECT decision_id FROM sg_positions WHERE decision_id = ANY($1::text[])`;
