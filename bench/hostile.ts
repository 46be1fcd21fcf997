import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Child, startChild } from "./harness/child.ts";
import { contest, type Measure, type Sample } from "./harness/contest.ts";
import { epochMs } from "./harness/epoch.ts";
import { quantile } from "./harness/quantile.ts";
import type { Line, Row, Size } from "./harness/row.ts";
import type { DeskAnswer, DeskQuestion } from "./processes/desk.ts";
import type { GuardedAnswer, GuardedQuestion } from "./processes/guarded-service.ts";
import type { ViewerAnswer, ViewerQuestion } from "./processes/hostile-viewer.ts";

interface Work {
  readonly symbols: number;
  readonly strategies: number;
  /** How long a round lasts, ms; it has so many closes at least. */
  readonly roundMs: number;
  readonly closes: number;
  readonly share: number;
}

const FULL: Work = { symbols: 20, strategies: 10, roundMs: 15_000, closes: 10, share: 1 };
const TINY: Work = { symbols: 3, strategies: 2, roundMs: 0, closes: 3, share: 0.001 };
/** Wall time between two closes, in which a halt is given. */
const PAUSE_MS = 60;
/** Until all attacks are under way. */
const BEGUN_MS = 1_000;
const MOST_TIMES = 3;

/** One caller against others. */
export const HOSTILE: Row = {
  name: "hostile",
  about:
    "while a hostile viewer floods, sends bombs and holds streams, beside quiet rounds of the same run: a close until it is judged and until the executor has it, and a halt; the viewer's process has the lowest priority, for others would attack from another machine",
  run: (size) => hostile(size, []),
};

/** With some of the attacks alone, by name; with all, where there are none. */
export async function hostile(size: Size, attacks: readonly string[]): Promise<readonly Line[]> {
  const work = size === "full" ? FULL : TINY;
  const folder = mkdtempSync(join(tmpdir(), "bench-hostile-"));
  await using service = startChild<GuardedQuestion, GuardedAnswer>("guarded-service.ts");
  await using desk = startChild<DeskQuestion, DeskAnswer>("desk.ts");
  await using viewer = startChild<ViewerQuestion, ViewerAnswer>("hostile-viewer.ts");
  try {
    const tokens = { executor: "executor-token-0123456789", controller: "controller-token-0123456789" };
    const token = "viewer-token-0123456789";
    const path = join(folder, "tokens");
    const lines = Object.entries({ ...tokens, viewer: token }).map(([role, each]) => `${each} ${role}-1 ${role}`);
    writeFileSync(path, lines.join("\n"));
    chmodSync(path, 0o600);
    const { grpc, web } = await service.ask({ ask: "start", tokens: path, ...work });
    await desk.ask({ ask: "start", address: grpc, ...tokens });
    const closes = { service, desk, work };
    const attacked = async () => {
      await viewer.ask({ ask: "begin", grpc, web, token, attacks, share: work.share });
      await wait(BEGUN_MS);
      const sample = await round(closes);
      const told = await viewer.ask({ ask: "end" });
      process.stderr.write(`${HOSTILE.name}: the viewer was told ${JSON.stringify(told)}\n`);
      return sample;
    };
    const ours = { name: "under attack", run: attacked };
    const quiet = { name: "quiet", run: () => round(closes) };
    return await contest({ row: HOSTILE.name, measures: MEASURES, ours, rivals: [quiet], rounds: 2 }, size);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Closes {
  readonly service: Child<GuardedQuestion, GuardedAnswer>;
  readonly desk: Child<DeskQuestion, DeskAnswer>;
  readonly work: Work;
}

/**
 * Closes one after the other, with a halt between. A close begins when this process says so,
 * however late the service hears it.
 */
async function round({ service, desk, work }: Closes): Promise<Sample> {
  const judged: number[] = [];
  const sent: number[] = [];
  const halts: number[] = [];
  const counts: number[] = [];
  const end = performance.now() + work.roundMs;
  while (performance.now() < end || counts.length < work.closes) {
    await wait(PAUSE_MS);
    const begin = epochMs();
    const { judgedAt, decisions } = await service.ask({ ask: "close" });
    const { at } = await desk.ask({ ask: "decisions", count: decisions });
    judged.push(judgedAt - begin);
    sent.push(at - begin);
    halts.push((await desk.ask({ ask: "halt" })).haltMs);
    counts.push(decisions);
  }
  const values = Object.entries({ judged, sent, halts }).flatMap(([name, each]) => [
    [`${name}P50`, quantile(each, 0.5)] as const,
    [`${name}P99`, quantile(each, 0.99)] as const,
  ]);
  return {
    values: Object.fromEntries(values),
    // As many as there are, whoever attacks: a viewer must not keep one from being made.
    counts: { "decisions a close": ((counts.at(-1) ?? 0) - (counts[0] ?? 0)) / (counts.length - 1) },
  };
}

const NAMES = { judged: "a close until it is judged", sent: "a close until the executor has it", halts: "a halt" };

const MEASURES: readonly Measure[] = Object.entries(NAMES).flatMap(([key, text]) =>
  (["P50", "P99"] as const).map((part) => ({
    key: `${key}${part}`,
    what: `${text}, ${part.toLowerCase()}`,
    unit: "ms",
    better: "less" as const,
    target: {
      text: `<= ${MOST_TIMES} × quiet`,
      kept: (_: number, ratios: ReadonlyMap<string, number>) => (ratios.get("quiet") ?? Infinity) <= MOST_TIMES,
    },
  })),
);
