import { setImmediate } from "node:timers/promises";
import type { Decision } from "../../domain/decision.ts";
import type { JournalQuery } from "../../ports/decision-journal.ts";
import { inForceAt } from "./decision-traces.ts";
import { chunked } from "./pages.ts";
import type { Statements } from "./queryable.ts";

/**
 * Sequences that one statement looks through, at first and at most. An embedded database holds the
 * event loop while it works on a statement, and none can be called back that nobody waits for any
 * more.
 */
const WINDOW = { first: 1_000, most: 16_000 };

/**
 * $1 after, $2 up to, $3 strategy ids, $4 symbols, $5 shadow too, $6 start and $7 end in ms, $8
 * without those that need exits, $9 limit; NULL: no filter. The order must name the table's column: "sequence" alone is the double of
 * the answer, which no index has.
 */
const READ = readFrom("sg_decisions");
const READ_NEWEST = readFrom("sg_decisions", "DESC");

/**
 * $10 in ms: those in force then. They are few, and found first: windows would go through all that
 * there are.
 */
const READ_IN_FORCE = `
  WITH valid AS MATERIALIZED (
    SELECT d.* FROM sg_decisions AS d WHERE ${inForceAt("sg_time($10::double precision)")}
  )
  ${readFrom("valid")}`;

function readFrom(table: string, order = "ASC"): string {
  return `
  SELECT d.sequence::double precision AS sequence, decision::text AS decision FROM ${table} AS d
  WHERE d.sequence > $1::bigint AND d.sequence <= $2::bigint
    AND ($3::text[] IS NULL OR strategy_id = ANY($3))
    AND ($4::text[] IS NULL OR symbol = ANY($4))
    AND ($5::boolean OR NOT shadow)
    AND ($6::double precision IS NULL OR timestamp >= sg_time($6))
    AND ($7::double precision IS NULL OR timestamp < sg_time($7))
    AND NOT ($8::boolean AND coalesce(needs_exits, false))
  ORDER BY d.sequence ${order} LIMIT $9`;
}

/** $1 decision ids. */
const BY_ID = `
  SELECT d.sequence::double precision AS sequence, d.decision::text AS decision FROM sg_decisions AS d
  WHERE d.decision_id = ANY($1::text[])`;

/** $1 position ids. */
const NEWEST_EXITS = `
  SELECT d.sequence::double precision AS sequence, d.decision::text AS decision
  FROM unnest($1::text[]) AS asked (position_id) CROSS JOIN LATERAL (
    SELECT e.sequence, e.decision FROM sg_decisions AS e
    WHERE e.position_id = asked.position_id AND e.position_id IS NOT NULL ORDER BY e.sequence DESC LIMIT 1
  ) AS d`;

/** $1 after. Retention leaves wide gaps, at the beginning above all. */
const NEXT = `
  SELECT d.sequence::double precision AS sequence FROM sg_decisions AS d
  WHERE d.sequence > $1::bigint ORDER BY d.sequence LIMIT 1`;

/** $1 up to. */
const BEFORE = `
  SELECT d.sequence::double precision AS sequence FROM sg_decisions AS d
  WHERE d.sequence <= $1::bigint ORDER BY d.sequence DESC LIMIT 1`;

interface Row {
  readonly sequence: number;
  readonly decision: string;
}

/**
 * Reads a window of sequences after the other, and lets other work run in between, until there is
 * enough.
 */
export async function readDecisions(db: Statements, query: JournalQuery): Promise<readonly Decision[]> {
  if (query.validAt !== undefined) {
    return await readInForce(db, query, query.validAt);
  }
  if (query.newestFirst === true) {
    return await readNewestFirst(db, query);
  }
  const { limit, signal } = query;
  const upTo = query.upTo ?? Number.MAX_SAFE_INTEGER;
  const filters = filtersOf(query);
  const found: Decision[] = [];
  let after = query.after ?? 0;
  let width = WINDOW.first;
  while (found.length < limit && after < upTo && !signal?.aborted) {
    const end = Math.min(upTo, after + width);
    const size = Math.min(WINDOW.first, limit - found.length);
    const { rows } = await db.query<Row>(READ, [after, end, ...filters, size]);
    found.push(...rows.map(({ decision }) => JSON.parse(decision)));
    after = rows.length < size ? end : (rows.at(-1)?.sequence ?? end);
    // Where little is found the next look is a wider one.
    width = rows.length < size / 4 ? Math.min(WINDOW.most, width * 2) : WINDOW.first;
    if (rows.length === 0 && after < upTo && !signal?.aborted) {
      const next = (await db.query<{ readonly sequence: number }>(NEXT, [after])).rows[0];
      after = next === undefined ? upTo : next.sequence - 1;
    }
    await setImmediate();
  }
  return found;
}

/** As above, from the end on. */
async function readNewestFirst(db: Statements, query: JournalQuery): Promise<readonly Decision[]> {
  const { limit, signal, after = 0 } = query;
  const filters = filtersOf(query);
  const found: Decision[] = [];
  let upTo = query.upTo ?? Number.MAX_SAFE_INTEGER;
  let width = WINDOW.first;
  while (found.length < limit && after < upTo && !signal?.aborted) {
    // Retention leaves wide gaps, and nothing is behind the last one.
    const newest = (await db.query<{ readonly sequence: number }>(BEFORE, [upTo])).rows[0]?.sequence ?? 0;
    const start = Math.max(after, newest - width);
    const size = Math.min(WINDOW.first, limit - found.length);
    const { rows } = await db.query<Row>(READ_NEWEST, [start, newest, ...filters, size]);
    found.push(...rows.map(({ decision }) => JSON.parse(decision)));
    upTo = rows.length < size ? start : (rows.at(-1)?.sequence ?? start) - 1;
    width = rows.length < size / 4 ? Math.min(WINDOW.most, width * 2) : WINDOW.first;
    await setImmediate();
  }
  return found;
}

async function readInForce(db: Statements, query: JournalQuery, validAt: number): Promise<readonly Decision[]> {
  const { limit, signal, upTo = Number.MAX_SAFE_INTEGER } = query;
  const found: Decision[] = [];
  let after = query.after ?? 0;
  while (found.length < limit && !signal?.aborted) {
    const size = Math.min(WINDOW.first, limit - found.length);
    const { rows } = await db.query<Row>(READ_IN_FORCE, [after, upTo, ...filtersOf(query), size, validAt]);
    found.push(...rows.map(({ decision }) => JSON.parse(decision)));
    if (rows.length < size) {
      break;
    }
    after = rows.at(-1)?.sequence ?? after;
    await setImmediate();
  }
  return found;
}

/** Those with these ids, whole, in order of sequence. */
export function readById(db: Statements, decisionIds: readonly string[]): Promise<readonly Decision[]> {
  return readSome(db, BY_ID, decisionIds);
}

/** The newest CLOSE or ADJUST of each of these positions, in order of sequence. */
export function readExits(db: Statements, positionIds: readonly string[]): Promise<readonly Decision[]> {
  return readSome(db, NEWEST_EXITS, positionIds);
}

async function readSome(db: Statements, text: string, ids: readonly string[]): Promise<readonly Decision[]> {
  const found: Decision[] = [];
  for (const some of chunked(ids, WINDOW.first)) {
    const { rows } = await db.query<Row>(text, [some]);
    found.push(...rows.map(({ decision }) => JSON.parse(decision)));
    await setImmediate();
  }
  return found.sort((a, b) => a.sequence - b.sequence);
}

function filtersOf(query: JournalQuery): readonly unknown[] {
  const { includeShadow, startTime = null, endTime = null, withoutExits = false } = query;
  const lists = [listOrNull(query.strategyIds), listOrNull(query.symbols)];
  return [...lists, includeShadow, startTime, endTime, withoutExits];
}

/** An absent or empty list lets all through. */
function listOrNull(list: readonly string[] | undefined): readonly string[] | null {
  return list === undefined || list.length === 0 ? null : list;
}
