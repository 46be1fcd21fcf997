import { readdirSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connect, type RuntimeClient } from "../examples/client.ts";
import { StrategyStatus } from "../gen/strategyruntime/v1/strategy_pb.ts";
import { startAgedPostgres } from "./harness/aged-postgres.ts";
import { numberText } from "./harness/number-text.ts";
import { inFolder, startService } from "./harness/service-process.ts";
import { SoakLoad } from "./processes/soak-load.ts";
import { symbolsOf } from "./samples/strategies.ts";

const HELP = `npm run soak -- [--minutes N]

  The service as users start it, over PostgreSQL: 1,000 strategies on 100 symbols, while strategies are saved, orders
  given, positions reported, and readers come and go. Prints memory, descriptors and the longest turn of the event loop.
`;
const SYMBOLS = symbolsOf(100);
const STRATEGIES = 1_000;
const SCRAPE_MS = 5_000;
/** Heap in use is the least of so many scrapes: what was not collected yet is no leak. */
const WINDOW = 12;

interface Sample {
  readonly minute: number;
  readonly heapMib: number;
  readonly residentMib: number;
  readonly descriptors: number;
  readonly longestTurnMs: number;
  readonly decisions: number;
}

/** A gauge or counter of the page of metrics, all label sets together. */
function metric(page: string, pattern: RegExp): number {
  return [...page.matchAll(pattern)].reduce((sum, [, value]) => sum + Number(value), 0);
}

async function sampled(web: string, pid: number, start: number): Promise<Sample> {
  const page = await (await fetch(`http://${web}/metrics`)).text();
  return {
    minute: (performance.now() - start) / 60_000,
    heapMib: metric(page, /^nodejs_heap_used_bytes (\S+)/gm) / 2 ** 20,
    residentMib: metric(page, /^process_resident_memory_bytes (\S+)/gm) / 2 ** 20,
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    longestTurnMs: metric(page, /^\S*event_loop_delay_seconds\{percentile="100"\} (\S+)/gm) * 1_000,
    decisions: metric(page, /^strategy_runtime_signals_generated_total\{[^}]*\} (\S+)/gm),
  };
}

async function fill({ strategies }: RuntimeClient): Promise<void> {
  for (let from = 0; from < STRATEGIES; from += 250) {
    const batch = Array.from({ length: 250 }, (_, i) => SoakLoad.strategy(from + i, StrategyStatus.LIVE));
    const { results } = await strategies.batchSaveStrategies({ strategies: batch });
    const refused = results.find(({ result }) => result.case === "error");
    if (refused !== undefined) {
      throw new Error(`${refused.strategyId} was refused: ${refused.result.value}`);
    }
  }
}

async function soak(minutes: number, folder: string, databaseUrl: string): Promise<readonly Sample[]> {
  const service = startService(folder, {
    DATABASE_URL: databaseUrl,
    WEB_ADDRESS: "127.0.0.1:0",
    SYMBOLS: SYMBOLS.join(),
    SIMULATED_SPEED: "60",
    LOG_LEVEL: "warn,main=info",
  });
  const [, address = ""] = await service.says(/"address":"([^"]+)"/);
  const [, web = ""] = await service.says(/"webAddress":"([^"]+)"/);
  const client = connect(address);
  const load = new SoakLoad(address, SYMBOLS);
  const start = performance.now();
  const samples: Sample[] = [];
  try {
    await fill(client);
    load.start();
    while (performance.now() - start < minutes * 60_000) {
      await wait(SCRAPE_MS);
      samples.push(await sampled(web, service.pid, start));
      if (samples.length % WINDOW === 0) {
        const least = leastHeap(samples.slice(-WINDOW));
        process.stderr.write(`${text(least)}; ${load.text()}\n`);
      }
    }
    return samples;
  } finally {
    await load.stop();
    client.close();
    await service.stop();
  }
}

function leastHeap(samples: readonly Sample[]): Sample {
  return samples.reduce((least, sample) => (sample.heapMib < least.heapMib ? sample : least));
}

function text({ minute, heapMib, residentMib, descriptors, decisions }: Sample): string {
  const memory = `heap ${numberText(heapMib)} MiB, resident ${numberText(residentMib)} MiB`;
  return `minute ${numberText(minute)}: ${memory}, ${descriptors} descriptors, ${numberText(decisions)} decisions`;
}

function report(samples: readonly Sample[]): string {
  const windows = Math.floor(samples.length / WINDOW);
  const at = (place: number) => leastHeap(samples.slice(place * WINDOW, (place + 1) * WINDOW));
  // The first window is a start.
  const places = [Math.min(1, windows - 1), windows >> 1, windows - 1];
  // The first scrapes are of the start, when 1,000 strategies and 100 histories are loaded.
  const turns = samples.slice(WINDOW).map(({ longestTurnMs }) => longestTurnMs);
  const longest = `longest turn of the event loop after the first minute: ${numberText(Math.max(...turns))} ms`;
  return [...places.map((place) => text(at(place))), longest].join("\n");
}

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "60" }, help: { type: "boolean", short: "h", default: false } },
});
if (values.help) {
  process.stdout.write(HELP);
} else {
  const server = await startAgedPostgres();
  try {
    const samples = await inFolder((folder) => soak(Number(values.minutes), folder, server.url));
    process.stdout.write(`${report(samples)}\n`);
  } finally {
    await server.close();
  }
}
