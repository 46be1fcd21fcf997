import { openPostgres } from "../src/adapters/postgres/pool.ts";
import type { Queryable } from "../src/adapters/postgres/queryable.ts";
import { sqlStrategies } from "../src/adapters/postgres/sql-strategies.ts";
import { startPostgres } from "../test/provide/postgres.ts";
import type { PrivateServer } from "../test/provide/server.ts";
import { type Child, startChild } from "./harness/child.ts";
import { contest, type Measure, type Sample } from "./harness/contest.ts";
import type { Line, Row, Size, Yardstick } from "./harness/row.ts";
import { atMost } from "./harness/yardstick.ts";
import type { LoaderAnswer, LoaderQuestion } from "./processes/loader.ts";
import { FILL_STRATEGIES, ROW_INDICATORS } from "./samples/strategy-rows.ts";

type Loader = Child<LoaderQuestion, LoaderAnswer>;

/** From rows of a PostgreSQL server to strategies that the next sweep judges. */
export const LOAD: Row = {
  name: "load",
  about: "strategies from PostgreSQL, validated, compiled and planned; then one of them changed by SQL",
  async run(size, yardstick) {
    const server = await startServer();
    if (server === undefined) {
      return [];
    }
    const db = openPostgres(server.url);
    await using loader: Loader = startChild("loader.ts");
    try {
      const count = size === "full" ? 100_000 : 500;
      await fill(db, count);
      await loader.ask({ ask: "open", url: server.url });
      return [
        ...(await loaded(loader, count, size, yardstick)),
        ...(await changed(db, loader, count, size, yardstick)),
      ];
    } finally {
      await db.close();
      await server.close();
    }
  },
};

async function startServer(): Promise<PrivateServer | undefined> {
  try {
    return await startPostgres();
  } catch (error) {
    process.stderr.write(`load is left out: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  }
}

async function fill(db: Queryable, count: number): Promise<void> {
  await sqlStrategies(db).ready();
  await db.transaction((tx) => tx.query(FILL_STRATEGIES, [count, ROW_INDICATORS]), { statementTimeoutMs: 60_000 });
}

/** The same rows by one plain SELECT, with nothing made of them. */
const SELECT = "plain SELECT";

function loaded(loader: Loader, count: number, size: Size, yardstick: Yardstick): Promise<readonly Line[]> {
  const run = async (): Promise<Sample> => {
    const { ms, stallMs, strategies, bytes } = await loader.ask({ ask: "load" });
    return { values: { ms, stallMs, kib: bytes / strategies / 1_024 }, counts: { strategies } };
  };
  const select = async (): Promise<Sample> => {
    const { ms, stallMs, strategies, bytes } = await loader.ask({ ask: "select" });
    return { values: { ms, stallMs, kib: bytes / strategies / 1_024 }, counts: { strategies } };
  };
  const times = { text: `<= 6 × ${SELECT}`, kept: (_: number, ratios: Ratios) => (ratios.get(SELECT) ?? 99) <= 6 };
  const memory = { text: "<= 2", kept: (ours: number) => ours <= 2 };
  const measures: readonly Measure[] = [
    { key: "ms", what: `${count} strategies, loaded and compiled`, unit: "ms", better: "less", target: times },
    stallOf(yardstick),
    { key: "kib", what: "memory", unit: "KiB/strategy", better: "less", target: memory },
  ];
  return contest(
    { row: LOAD.name, measures, ours: { name: "load", run }, rivals: [{ name: SELECT, run: select }] },
    size,
  );
}

type Ratios = ReadonlyMap<string, number>;

function stallOf(yardstick: Yardstick): Measure {
  const what = "longest turn of the event loop meanwhile";
  return { key: "stallMs", what, unit: "ms", better: "less", target: atMost(20, yardstick) };
}

function changed(
  db: Queryable,
  loader: Loader,
  count: number,
  size: Size,
  yardstick: Yardstick,
): Promise<readonly Line[]> {
  const run = async (): Promise<Sample> => {
    await db.query(
      "UPDATE sg_strategies SET entry_indicators = jsonb_set(entry_indicators, '{0,value}', to_jsonb(random() * 100)) WHERE strategy_id = 'strategy-7'",
    );
    const { ms, stallMs, strategies } = await loader.ask({ ask: "change" });
    return { values: { ms, stallMs }, counts: { strategies } };
  };
  const what = `one of ${count} changed by SQL, until the next sweep has it`;
  const measures: readonly Measure[] = [{ key: "ms", what, unit: "ms", better: "less" }, stallOf(yardstick)];
  return contest({ row: LOAD.name, measures, ours: { name: "load", run }, rivals: [] }, size);
}
