import { create, toBinary } from "@bufbuild/protobuf";
import { GenerateSignalsRequestSchema, StrategyRuntimeService } from "../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { StoredStrategy } from "../src/domain/strategy.ts";
import type { PrivateServer } from "../test/provide/server.ts";
import { startAgedPostgres } from "./harness/aged-postgres.ts";
import { startChild } from "./harness/child.ts";
import { contest, type Measure, type Sample } from "./harness/contest.ts";
import type { Line, Row, Size } from "./harness/row.ts";
import type { PipelineAnswer, PipelineQuestion } from "./processes/bare-pipeline.ts";
import { BARE_FOLLOW } from "./processes/bare-stream.ts";
import type { ClientAnswer, ClientQuestion } from "./processes/client.ts";
import type { ClosingAnswer, ClosingQuestion } from "./processes/closing-service.ts";
import { steadyStrategies, symbolsOf, wavingStrategies } from "./samples/strategies.ts";

const PATH = `/${StrategyRuntimeService.typeName}/GenerateSignals`;
const FOLLOW = toBinary(GenerateSignalsRequestSchema, create(GenerateSignalsRequestSchema, { follow: true }));

interface Work {
  readonly symbols: number;
  readonly strategies: number;
  readonly lead: number;
  /**
   * A round's, where the target is looked at: of fewer, the slowest hundredth would be one or two.
   */
  readonly closes: number;
  /** The same, where nothing is judged. */
  readonly waves: number;
}

interface Scene {
  readonly journal: string;
  /** URL of a PostgreSQL server, where the journal is there. */
  readonly postgres?: string;
}

/** What an executor waits for: judged, journaled and on the wire, for a whole close. */
export const CLOSE_TO_SOCKET: Row = {
  name: "close-to-socket",
  about:
    "a bar close of all symbols at once: from the last bar's arrival until the last decision was handed to the socket of a follow stream; one pair in 1,000 decides, on every close or in waves",
  async run(size) {
    const work: Work =
      size === "full"
        ? { symbols: 500, strategies: 1_000, lead: 1_300, closes: 500, waves: 200 }
        : { symbols: 20, strategies: 100, lead: 1_300, closes: 20, waves: 20 };
    return [...(await linesOf({ journal: "memory journal" }, work, size)), ...(await postgresLines(work, size))];
  },
};

/** Without a server to be had, the other lines stand alone. */
async function postgresLines(work: Work, size: Size): Promise<readonly Line[]> {
  let server: PrivateServer;
  try {
    server = await startAgedPostgres();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${CLOSE_TO_SOCKET.name}: no lines with PostgreSQL, of which none could be started: ${why}\n`);
    return [];
  }
  try {
    return await linesOf({ journal: "PostgreSQL", postgres: server.url }, work, size);
  } finally {
    await server.close();
  }
}

async function linesOf(scene: Scene, work: Work, size: Size): Promise<readonly Line[]> {
  const steady = { strategies: steadyStrategies(work.strategies, "1m"), text: "on every close" };
  const waving = { strategies: wavingStrategies(work.strategies, "1m"), text: "in waves" };
  return [...(await measured(scene, steady, true, work, size)), ...(await measured(scene, waving, false, work, size))];
}

const BARE = "bare pipeline";
/**
 * How many times as long as the bare pipeline a close may take, where its decisions are as many as
 * on any other.
 */
const MOST_TIMES = { p50: 2.5, p99: 4 } as const;

async function measured(
  { journal, postgres }: Scene,
  { strategies, text }: { readonly strategies: readonly StoredStrategy[]; readonly text: string },
  isJudged: boolean,
  work: Work,
  size: Size,
): Promise<readonly Line[]> {
  await using service = startChild<ClosingQuestion, ClosingAnswer>("closing-service.ts");
  await using bare = startChild<PipelineQuestion, PipelineAnswer>("bare-pipeline.ts");
  await using client = startChild<ClientQuestion, ClientAnswer>("client.ts");
  const symbols = symbolsOf(work.symbols);
  const start = { ask: "start", symbols, strategies, lead: work.lead, ...(postgres && { postgres }) } as const;
  const what = `${work.symbols} symbols × ${work.strategies} strategies, ${journal}, ${text}`;
  const count = isJudged ? work.closes : work.waves;
  /** What the close before came to, for whoever writes and sends as much. */
  let sent = { decisions: 0, bytes: 0, closes: 0 };
  const run = async (): Promise<Sample> => {
    const address = String(await service.ask(start));
    await client.ask({ ask: "follow", address, path: PATH, request: FOLLOW });
    const sample = (await service.ask({ ask: "closes", count })) as Sample;
    const { decisions = 0, "closes with decisions": closes = 1 } = sample.counts;
    sent = { decisions: Math.round(decisions / closes), bytes: Math.round(sample.values.bytes ?? 0), closes };
    return sample;
  };
  const runBare = async (): Promise<Sample> => {
    const { closes, ...each } = sent;
    const address = String(await bare.ask({ ask: "start", ...each, ...(postgres && { postgres }) }));
    await client.ask({ ask: "follow", address, path: BARE_FOLLOW, request: new Uint8Array() });
    return (await bare.ask({ ask: "closes", count: closes })) as Sample;
  };
  // Without a store a bare pipeline hands over bytes that it has, in a tenth of a millisecond. In
  // waves it has as many on each close. A ratio to either would say nothing.
  const hasRival = isJudged && postgres !== undefined;
  const rivals = hasRival ? [{ name: BARE, run: runBare }] : [];
  const measures = measuresOf(what, hasRival);
  return await contest({ row: CLOSE_TO_SOCKET.name, measures, ours: { name: "follow", run }, rivals }, size);
}

function measuresOf(what: string, hasRival: boolean): readonly Measure[] {
  const target = (key: "p50" | "p99") => ({
    text: `<= ${MOST_TIMES[key]} × ${BARE}`,
    kept: (_: number, ratios: ReadonlyMap<string, number>) => (ratios.get(BARE) ?? Infinity) <= MOST_TIMES[key],
  });
  return [
    { key: "p50", what: `${what}, p50`, unit: "ms", better: "less", ...(hasRival && { target: target("p50") }) },
    { key: "p99", what: `${what}, p99`, unit: "ms", better: "less", ...(hasRival && { target: target("p99") }) },
    { key: "most", what: `${what}, decisions at most`, unit: "decisions", better: "less" },
  ];
}
