import type { DecisionJournal, DecisionTrace } from "../../ports/decision-journal.ts";
import type { Fence } from "./fence.ts";
import { chunked, PAGE_ROWS, rowsOf } from "./pages.ts";
import type { Queryable } from "./queryable.ts";
import { NO_SORT } from "./strategy-sql.ts";

const TRACE = `
  d.sequence::double precision AS "sequence", d.decision_id AS "decisionId", d.strategy_id AS "strategyId",
  d.strategy_version::double precision AS "strategyVersion", d.symbol, sg_ms(d.bar_close_time) AS "barCloseTime",
  sg_ms(d.timestamp) AS "timestamp", sg_ms(d.valid_until) AS "validUntil", d.shadow`;

/**
 * $1 decision ids. The column is named in full: "sequence" alone would be the double of the answer.
 */
const FIND = `SELECT ${TRACE} FROM sg_decisions AS d WHERE d.decision_id = ANY($1::text[]) AND d.position_id IS NULL ORDER BY d.sequence`;

/**
 * Decisions in force at $1, ms. No decision is valid for longer than a day (R35): with a bound on
 * each side a planner without statistics takes the index, too.
 */
export function inForceAt(time: string): string {
  return `d.valid_until > ${time} AND d.valid_until <= ${time} + interval '1 day' AND d.bar_close_time <= ${time}`;
}

/**
 * $1 and $2 the window in ms. The newest are found by the index alone, and only those are read from
 * the table: OFFSET keeps the planner from reading all of it for them.
 */
const AT_START = `
  SELECT ${TRACE} FROM (
    SELECT DISTINCT ON (strategy_id, symbol, shadow) e.sequence FROM sg_decisions AS e WHERE e.position_id IS NULL
    ORDER BY strategy_id, symbol, shadow, timestamp DESC, e.sequence DESC
  ) AS newest CROSS JOIN LATERAL (SELECT e.* FROM sg_decisions AS e WHERE e.sequence = newest.sequence OFFSET 0) AS d
  UNION ALL
  SELECT ${TRACE} FROM sg_decisions AS d
  WHERE d.valid_until > sg_time($1::double precision) AND d.bar_close_time <= sg_time($2::double precision)
    AND d.valid_until <= sg_time($2::double precision) + interval '1 day' AND d.position_id IS NULL`;

const SAME_PAIR =
  "e.strategy_id = a.strategy_id AND e.symbol = a.symbol AND e.shadow = kind.shadow AND e.position_id IS NULL";

/**
 * A list a member of the questions, times in ms. A decision is made between its bar's close and the
 * end of its validity.
 */
const ANSWERS = `
  WITH asked AS (
    SELECT strategy_id, symbol, sg_time(bar_close_time) AS bar_close_time, sg_time(time) AS time
    FROM unnest($1::text[], $2::text[], $3::double precision[], $4::double precision[])
      AS a (strategy_id, symbol, bar_close_time, time)
  )
  SELECT ${TRACE} FROM sg_decisions AS d WHERE d.sequence IN (
    SELECT found.sequence FROM asked AS a CROSS JOIN (VALUES (false), (true)) AS kind (shadow) CROSS JOIN LATERAL (
      (SELECT e.sequence FROM sg_decisions AS e WHERE ${SAME_PAIR} AND e.timestamp <= a.time
        ORDER BY e.timestamp DESC, e.sequence DESC LIMIT 1)
      UNION ALL
      (SELECT e.sequence FROM sg_decisions AS e WHERE ${SAME_PAIR} AND e.timestamp >= a.bar_close_time
        AND e.timestamp < a.bar_close_time + interval '1 day' AND e.bar_close_time = a.bar_close_time)
    ) AS found
    UNION
    SELECT d.sequence FROM (SELECT DISTINCT strategy_id, time FROM asked) AS a
    JOIN sg_decisions AS d ON d.strategy_id = a.strategy_id AND d.position_id IS NULL
      AND ${inForceAt("a.time")}
  ) ORDER BY d.sequence`;

/**
 * $1 before and $2 keep the newest from, in ms; $3 and $4 the place to go on behind, or NULL; $5
 * limit, $6 epoch; $7 ids of decisions to keep.
 */
const DROP = `
  WITH looked AS MATERIALIZED (
    SELECT d.sequence, d.timestamp, d.strategy_id, d.symbol, d.shadow, d.decision_id, d.position_id FROM sg_decisions AS d
    WHERE d.timestamp < sg_time($1::double precision)
      AND ($3::double precision IS NULL OR (d.timestamp, d.sequence) > (sg_time($3), $4::bigint))
    ORDER BY d.timestamp, d.sequence LIMIT $5
  ), dropped AS (
    DELETE FROM sg_decisions AS d USING looked AS l WHERE d.sequence = l.sequence AND (SELECT sg_fence($6::bigint))
      AND l.decision_id <> ALL($7::text[])
      AND (l.timestamp < sg_time($2::double precision) OR l.position_id IS NOT NULL OR EXISTS (
        SELECT FROM sg_decisions AS n WHERE n.strategy_id = l.strategy_id AND n.symbol = l.symbol AND n.shadow = l.shadow
          AND n.position_id IS NULL AND (n.timestamp > l.timestamp OR n.timestamp = l.timestamp AND n.sequence > l.sequence)))
    RETURNING 1
  )
  SELECT (SELECT count(*)::integer FROM dropped) AS dropped, sg_ms(l.timestamp) AS timestamp,
    l.sequence::double precision AS sequence
  FROM (SELECT 1) AS one LEFT JOIN (SELECT * FROM looked ORDER BY timestamp DESC, sequence DESC LIMIT 1) AS l ON true`;

/** What the port's methods of the same names do. */
export function decisionTraces(
  db: Queryable,
  fence: Fence,
): Pick<DecisionJournal, "find" | "traces" | "tracesAt" | "drop"> {
  /** `text` for some of the items at a time; the answers in order of sequence, each once. */
  async function asked<Item>(
    text: string,
    items: readonly Item[],
    params: (some: readonly Item[]) => readonly unknown[],
  ): Promise<readonly DecisionTrace[]> {
    const found = new Map<number, DecisionTrace>();
    for (const some of chunked(items, PAGE_ROWS)) {
      for (const trace of (await db.query<DecisionTrace>(text, params(some))).rows) {
        found.set(trace.sequence, trace);
      }
    }
    return [...found.values()].sort((a, b) => a.sequence - b.sequence);
  }

  return {
    find: (decisionIds) => asked(FIND, decisionIds, (some) => [some]),
    traces: ({ validAfter, closedBy }, take) =>
      db.transaction(async (tx) => {
        await tx.query(NO_SORT);
        for await (const page of rowsOf<DecisionTrace>(tx, AT_START, [validAfter, closedBy], PAGE_ROWS)) {
          take(page);
        }
      }),
    tracesAt: (questions) =>
      asked(ANSWERS, questions, (some) => [
        some.map(({ strategyId }) => strategyId),
        some.map(({ symbol }) => symbol),
        some.map(({ barCloseTime }) => barCloseTime),
        some.map(({ time }) => time),
      ]),
    async drop({ before, keepNewestFrom, after, limit, keep = [] }) {
      const params = [before, keepNewestFrom, after?.timestamp ?? null, after?.sequence ?? null, limit];
      const { rows } = await fence.write((epoch) => db.query<DropRow>(DROP, [...params, epoch, [...keep]]));
      const [{ dropped, timestamp, sequence }] = rows as readonly [DropRow];
      return { dropped, ...(timestamp !== null && sequence !== null && { end: { timestamp, sequence } }) };
    },
  };
}

interface DropRow {
  readonly dropped: number;
  readonly timestamp: number | null;
  readonly sequence: number | null;
}
