import { type Decision, needsExits } from "../../domain/decision.ts";
import { RuntimeError } from "../../domain/errors.ts";
import type { DecisionJournal } from "../../ports/decision-journal.ts";
import { decisionJson } from "./decision-json.ts";
import { decisionTraces } from "./decision-traces.ts";
import { guarded } from "./faults.ts";
import { type Fence, UNFENCED } from "./fence.ts";
import { readById, readDecisions, readExits } from "./journal-read.ts";
import { migrate } from "./migrate.ts";
import { chunked } from "./pages.ts";
import type { Queryable, Statements } from "./queryable.ts";
import { ServerTime } from "./server-time.ts";

/**
 * One statement for all, so that all are written or none. The update waits for any other writer
 * and finds no row where that one took the place: nothing is written then. The decision comes as
 * text, since half a surrogate pair in it would be refused within other JSON.
 *
 * $1 the sequence before the first, $2 the last one, then a list a column, times in ms; $13 epoch,
 * $14 when it is too late, ms by the server's clock; $15 and $16 lists, too. The time is asked last, when
 * every lock is held and every row is there.
 */
const APPEND = `
  WITH advanced AS (
    UPDATE sg_journal SET last_sequence = $2::bigint
    WHERE last_sequence = $1::bigint AND (SELECT sg_fence($13::bigint)) RETURNING 1
  ), written AS (
    INSERT INTO sg_decisions (sequence, decision_id, strategy_id, strategy_version, symbol, side, timestamp,
      bar_close_time, valid_until, shadow, decision, needs_exits, position_id)
    SELECT $1::bigint + d.place, d.decision_id, d.strategy_id, d.strategy_version, d.symbol, d.side,
      sg_time(d.timestamp), sg_time(d.bar_close_time), sg_time(d.valid_until), d.shadow, d.decision::json,
      d.needs_exits, d.position_id
    FROM advanced, unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::double precision[],
      $9::double precision[], $10::double precision[], $11::boolean[], $12::text[], $15::boolean[], $16::text[])
      WITH ORDINALITY AS d (decision_id, strategy_id, strategy_version, symbol, side, timestamp, bar_close_time,
        valid_until, shadow, decision, needs_exits, position_id, place)
    RETURNING 1
  )
  SELECT count(*)::integer AS count, sg_in_time($14::double precision), sg_ms(clock_timestamp()) AS time FROM written`;

/** $1 epoch. */
const SAY_NOTHING_NEW = "UPDATE sg_journal SET last_sequence = last_sequence WHERE (SELECT sg_fence($1::bigint))";

const SERVER_TIME = "SELECT sg_ms(clock_timestamp()) AS time";

const LAST_SEQUENCE = "SELECT last_sequence::double precision AS last FROM sg_journal";

const IDENTITY = "SELECT identity FROM sg_journal";

/**
 * Whoever asks first gives it. Of a random UUID the first 12 digits, which are random, all of them.
 * $1 epoch.
 */
const IDENTIFY = `
  UPDATE sg_journal SET identity = left(replace(gen_random_uuid()::text, '-', ''), 12)
  WHERE identity IS NULL AND (SELECT sg_fence($1::bigint))`;

const JUDGED_UNTIL = "SELECT sg_ms(judged_until) AS time FROM sg_journal";

/** $1 time in ms, $2 epoch. */
const NOTE_JUDGED = `
  UPDATE sg_journal SET judged_until = sg_time($1::double precision) WHERE (SELECT sg_fence($2::bigint))`;

/** Waits for whoever is writing. */
const AFTER_WRITER = "SELECT FROM sg_journal FOR UPDATE";

/**
 * Decisions in the table sg_decisions. Clients stay open when this is closed. `writer`: what
 * appends go to, so that they wait for no connection behind those who read.
 */
export function sqlJournal(client: Queryable, fence: Fence = UNFENCED, writer: Queryable = client): DecisionJournal {
  const db = guarded(client);
  const appends = new Appends(guarded(writer), fence);

  return {
    ready: () => migrate(client),
    append: (decisions, withinMs) => appends.append(decisions, withinMs),
    probe: (decisions) => appends.probe(decisions),
    async get(decisionIds) {
      await appends.afterDoubt();
      return await readById(db, decisionIds);
    },
    async exits(positionIds) {
      await appends.afterDoubt();
      return await readExits(db, positionIds);
    },
    async read(query) {
      await appends.afterDoubt();
      return await readDecisions(db, query);
    },
    identity: () => identityOf(db, fence),
    async lastSequence() {
      await appends.afterDoubt();
      return theRow(await db.query<{ readonly last: number }>(LAST_SEQUENCE)).last;
    },
    ...decisionTraces(db, fence),
    async judgedUntil() {
      const { rows } = await db.query<{ readonly time: number | null }>(JUDGED_UNTIL);
      return rows[0]?.time ?? undefined;
    },
    async noteJudged(time) {
      await fence.write((epoch) => db.query(NOTE_JUDGED, [time, epoch]));
    },
    async close() {},
  };
}

/** Writes decisions, one append after the other. */
class Appends {
  readonly #db: Queryable;
  readonly #fence: Fence;
  readonly #time = new ServerTime(() => performance.now());
  #inDoubt = false;

  constructor(db: Queryable, fence: Fence) {
    this.#db = db;
    this.#fence = fence;
  }

  async append(decisions: readonly Decision[], withinMs: number | undefined): Promise<void> {
    if (decisions.length === 0) {
      return;
    }
    const until = withinMs === undefined ? undefined : this.#time.now() + withinMs;
    await this.afterDoubt();
    try {
      const deadline = until === undefined ? null : await this.#deadlineAt(until);
      await this.#fence.write((epoch) => append(this.#db, this.#time, decisions, epoch, deadline));
    } catch (error) {
      this.#inDoubt = error instanceof RuntimeError && error.code === "unavailable";
      throw error;
    }
  }

  async probe(decisions: readonly Decision[]): Promise<void> {
    await this.afterDoubt();
    await this.#fence.write((epoch) => tryOut(this.#db, this.#time, decisions, epoch));
  }

  /**
   * An append whose answer was lost may still be at work. What is read or written next must come
   * after it.
   */
  async afterDoubt(): Promise<void> {
    if (this.#inDoubt) {
      await this.#fence.settled();
      await this.#db.query(AFTER_WRITER);
      this.#inDoubt = false;
    }
  }

  /** What the server's clock shows at the moment `until`, or a little before. */
  async #deadlineAt(until: number): Promise<number> {
    if (this.#time.isUnknown) {
      const from = this.#time.now();
      const { time: shown } = theRow(await this.#db.query<{ readonly time: number }>(SERVER_TIME));
      this.#time.note(from, shown);
    }
    return this.#time.showsAt(until);
  }
}

async function identityOf(db: Queryable, fence: Fence): Promise<string> {
  const read = () => db.query<{ readonly identity: string | null }>(IDENTITY);
  const known = theRow(await read()).identity;
  if (known !== null) {
    return known;
  }
  await fence.write((epoch) => db.query(IDENTIFY, [epoch]));
  return theRow(await read()).identity ?? "";
}

function theRow<Row>({ rows: [row] }: { readonly rows: readonly Row[] }): Row {
  if (row === undefined) {
    throw new RuntimeError("unavailable", "the table sg_journal has lost its row: restore it from a backup");
  }
  return row;
}

/**
 * One statement; where the client holds the event loop meanwhile, several of them in one
 * transaction, between which other work runs.
 */
async function append(
  db: Queryable,
  time: ServerTime,
  decisions: readonly Decision[],
  epoch: number | null,
  deadline: number | null,
): Promise<void> {
  const [first = [], ...others] = chunked(decisions, db.rowsAtOnce ?? decisions.length);
  if (others.length === 0) {
    await appendAtOnce(db, time, first, epoch, deadline);
    return;
  }
  await db.transaction(async (tx) => {
    for (const some of [first, ...others]) {
      await appendAtOnce(tx, time, some, epoch, deadline);
    }
  });
}

async function appendAtOnce(
  db: Statements,
  time: ServerTime,
  decisions: readonly Decision[],
  epoch: number | null,
  deadline: number | null,
): Promise<void> {
  const first = decisions[0]?.sequence ?? 1;
  for (const [i, { sequence }] of decisions.entries()) {
    if (sequence !== first + i) {
      throw new RuntimeError("aborted", `decision sequence ${sequence} does not follow ${first + i - 1}`);
    }
  }
  const range = [first - 1, first - 1 + decisions.length];
  const exits = [decisions.map(needsExits), decisions.map(({ positionId }) => positionId ?? null)];
  const params = [...range, ...columnsOf(decisions), epoch, deadline, ...exits];
  const from = time.now();
  const { count, time: shown } = theRow(
    await db.query<{ readonly count: number; readonly time: number }>(APPEND, params),
  );
  time.note(from, shown);
  if (count !== decisions.length) {
    const text = `decision sequence ${first} does not follow the last one: another process writes this journal`;
    throw new RuntimeError("aborted", text);
  }
}

/**
 * Takes all locks and all room that the decisions need, in a statement that is always too late, and
 * commits something that says nothing new.
 */
async function tryOut(
  db: Queryable,
  time: ServerTime,
  decisions: readonly Decision[],
  epoch: number | null,
): Promise<void> {
  if (decisions.length > 0) {
    await append(db, time, decisions, epoch, 0).catch((error: unknown) => {
      if (!(error instanceof RuntimeError) || error.code !== "deadline_exceeded") {
        throw error;
      }
    });
  }
  await db.query(SAY_NOTHING_NEW, [epoch]);
}

/** A list for each column, as APPEND takes them. */
function columnsOf(decisions: readonly Decision[]): readonly (readonly unknown[])[] {
  return [
    decisions.map(({ decisionId }) => decisionId),
    decisions.map(({ strategyId }) => strategyId),
    decisions.map(({ strategyVersion }) => strategyVersion),
    decisions.map(({ symbol }) => symbol),
    decisions.map(({ side }) => side),
    decisions.map(({ timestamp }) => timestamp),
    decisions.map(({ barCloseTime }) => barCloseTime),
    // A CLOSE or ADJUST is never among those in force.
    decisions.map(({ validUntil }) => validUntil ?? 0),
    decisions.map(({ shadow }) => shadow),
    decisions.map(decisionJson),
  ];
}
