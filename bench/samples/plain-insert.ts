import type { Client } from "pg";
import { decisionJson } from "../../src/adapters/postgres/decision-json.ts";
import type { Decision } from "../../src/domain/decision.ts";

/** A list a column of sg_decisions, as a plain INSERT takes them. */
const INSERT = `
  INSERT INTO sg_decisions (sequence, decision_id, strategy_id, strategy_version, symbol, side, timestamp,
    bar_close_time, valid_until, shadow, decision)
  SELECT d.sequence, d.decision_id, d.strategy_id, d.strategy_version, d.symbol, d.side, sg_time(d.timestamp),
    sg_time(d.bar_close_time), sg_time(d.valid_until), d.shadow, d.decision::json
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::double precision[],
    $8::double precision[], $9::double precision[], $10::boolean[], $11::text[])
    AS d (sequence, decision_id, strategy_id, strategy_version, symbol, side, timestamp, bar_close_time, valid_until,
      shadow, decision)`;

/**
 * Writes decision rows by one plain INSERT, committed: what no service that keeps them can do
 * without.
 */
export async function plainInsert(client: Client, decisions: readonly Decision[]): Promise<void> {
  await client.query(INSERT, [
    decisions.map(({ sequence }) => sequence),
    decisions.map(({ decisionId }) => decisionId),
    decisions.map(({ strategyId }) => strategyId),
    decisions.map(({ strategyVersion }) => strategyVersion),
    decisions.map(({ symbol }) => symbol),
    decisions.map(({ side }) => side),
    decisions.map(({ timestamp }) => timestamp),
    decisions.map(({ barCloseTime }) => barCloseTime),
    decisions.map(({ validUntil }) => validUntil),
    decisions.map(({ shadow }) => shadow),
    decisions.map(decisionJson),
  ]);
}
