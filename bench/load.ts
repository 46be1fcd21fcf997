import { openPostgres } from "../src/adapters/postgres/pool.ts";
import type { Queryable } from "../src/adapters/postgres/queryable.ts";
import { sqlStrategies } from "../src/adapters/postgres/strategies.ts";
import { startPostgres } from "../test/provide/postgres.ts";
import type { PrivateServer } from "../test/provide/server.ts";
import { type Child, startChild } from "./harness/child.ts";
import { contest, type Measure, type Sample } from "./harness/contest.ts";
import type { Line, Row, Size } from "./harness/row.ts";
import type { LoaderAnswer, LoaderQuestion } from "./processes/loader.ts";
import { FILL_STRATEGIES, ROW_INDICATORS } from "./samples/strategy-rows.ts";

type Loader = Child<LoaderQuestion, LoaderAnswer>;

/** From rows of a PostgreSQL server to strategies that the next sweep judges. */
export const LOAD: Row = {
  name: "load",
  about: "strategies from PostgreSQL, validated, compiled and planned; then one of them changed by SQL",
  async run(size) {
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
      return [...(await loaded(loader, count, size)), ...(await changed(db, loader, count, size))];
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

function atMost(key: string, what: string, unit: string, most: number | undefined): Measure {
  const target = most === undefined ? {} : { target: { text: `<= ${most}`, kept: (ours: number) => ours <= most } };
  return { key, what, unit, better: "less", ...target };
}

function loaded(loader: Loader, count: number, size: Size): Promise<readonly Line[]> {
  const run = async (): Promise<Sample> => {
    const { ms, stallMs, strategies, bytes } = await loader.ask({ ask: "load" });
    return { values: { ms, stallMs, kib: bytes / strategies / 1_024 }, counts: { strategies } };
  };
  const measures = [
    atMost("ms", `${count} strategies, loaded and compiled`, "ms", 2_000),
    atMost("stallMs", "longest turn of the event loop meanwhile", "ms", 20),
    atMost("kib", "memory", "KiB/strategy", 2),
  ];
  return contest({ row: LOAD.name, measures, ours: { name: "load", run }, rivals: [] }, size);
}

function changed(db: Queryable, loader: Loader, count: number, size: Size): Promise<readonly Line[]> {
  const run = async (): Promise<Sample> => {
    await db.query(
      "UPDATE sg_strategies SET entry_indicators = jsonb_set(entry_indicators, '{0,value}', to_jsonb(random() * 100)) WHERE strategy_id = 'strategy-7'",
    );
    const { ms, stallMs, strategies } = await loader.ask({ ask: "change" });
    return { values: { ms, stallMs }, counts: { strategies } };
  };
  const measures = [
    atMost("ms", `one of ${count} changed by SQL, until the next sweep has it`, "ms", undefined),
    atMost("stallMs", "longest turn of the event loop meanwhile", "ms", 20),
  ];
  return contest({ row: LOAD.name, measures, ours: { name: "load", run }, rivals: [] }, size);
}
