import { cp } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { startChild } from "./harness/child.ts";
import { contest, type Sample } from "./harness/contest.ts";
import type { Line, Row, Size } from "./harness/row.ts";
import { inFolder, type ServiceProcess, startService } from "./harness/service-process.ts";
import type { VenueAnswer, VenueQuestion } from "./processes/venue.ts";

const SYMBOLS = { full: [10, 500], tiny: [1, 2] } as const;
/** Each symbol is needed in bars of these. */
const TIMEFRAMES = ["1m", "1h"] as const;
const LIMIT_MS = 180_000;
/** Time between two looks; with many symbols a look costs the service some ms. */
const LOOK_MS = 200;

interface Status {
  readonly ready?: boolean;
  readonly symbols?: readonly { readonly whyNot?: string }[];
}

/**
 * From the process's birth until every symbol can be decided on, the venue's weight limit included.
 */
export const READY: Row = {
  name: "ready",
  about:
    "from starting the process until all symbols of a venue with Binance's weight limit are usable, data folder kept",
  run: (size) =>
    inFolder(async (prepared) => {
      await saveStrategies(prepared);
      const lines: Line[] = [];
      for (const count of SYMBOLS[size]) {
        lines.push(...(await linesOf(prepared, count, size)));
      }
      return lines;
    }),
};

function linesOf(prepared: string, count: number, size: Size): Promise<readonly Line[]> {
  const what = `${count} symbols × ${TIMEFRAMES.join(", ")}`;
  const symbols = Array.from({ length: count }, (_, i) => `BENCH${i}USDT`);
  const measures = [
    { key: "ms", what: `${what}: to ready`, unit: "ms", better: "less" },
    { key: "firstMs", what: `${what}: to the first symbol`, unit: "ms", better: "less" },
    { key: "weight", what: `${what}: of the venue's 6,000 a minute`, unit: "weight", better: "less" },
  ] as const;
  const ours = { name: "ready", run: () => inFolder((folder) => timed(prepared, folder, symbols)) };
  return contest({ row: READY.name, measures, ours, rivals: [] }, size);
}

/**
 * What the loaded strategies read decides what is loaded: an oscillator, and MACD and ROC of the
 * strength, on each timeframe.
 */
async function saveStrategies(folder: string): Promise<void> {
  const service = startService(folder, { WEB_ADDRESS: "127.0.0.1:0" });
  try {
    const web = await webAddress(service);
    for (const timeframe of TIMEFRAMES) {
      const strategy = {
        strategyId: `ready-${timeframe}`,
        name: "an oscillator",
        status: "STRATEGY_STATUS_LIVE",
        timeframe,
        side: "SIDE_LONG",
        entryIndicators: [{ name: "RSI", operator: "<", value: 30 }],
        baseSizeUsd: 1_000,
        stopLossPct: 0.02,
        takeProfitPct: 0.05,
      };
      await call(web, "StrategyService/SaveStrategy", { strategy });
    }
  } finally {
    await service.stop();
  }
}

async function timed(prepared: string, folder: string, symbols: readonly string[]): Promise<Sample> {
  await cp(prepared, folder, { recursive: true });
  await using venue = startChild<VenueQuestion, VenueAnswer>("venue.ts");
  const { restUrl, wsUrl } = await venue.ask({ ask: "start", symbols });
  const service = startService(folder, {
    WEB_ADDRESS: "127.0.0.1:0",
    MARKET_DATA: "binance",
    BINANCE_REST_URL: restUrl,
    BINANCE_WS_URL: wsUrl,
    SYMBOLS: symbols.join(","),
  });
  try {
    const web = await webAddress(service);
    const since = () => performance.now() - service.startedAt;
    let firstMs: number | undefined;
    for (;;) {
      const { ready = false, symbols: series = [] } = await call<Status>(
        web,
        "StrategyRuntimeService/GetRuntimeStatus",
      );
      const usable = series.filter(({ whyNot }) => whyNot === undefined).length;
      if (usable > 0) {
        firstMs ??= since();
      }
      if (ready && usable === symbols.length * TIMEFRAMES.length) {
        const ms = since();
        const { weight, refused } = await venue.ask({ ask: "weight" });
        return { values: { ms, firstMs: firstMs ?? ms, weight }, counts: { series: usable, refused } };
      }
      if (since() > LIMIT_MS) {
        throw new Error(
          `only ${usable} series are usable after ${LIMIT_MS} ms; the first other: ${series.find((one) => one.whyNot)?.whyNot}`,
        );
      }
      await wait(LOOK_MS);
    }
  } finally {
    await service.stop();
  }
}

async function webAddress(service: ServiceProcess): Promise<string> {
  return (await service.says(/"webAddress":"([^"]+)"/))[1] ?? "";
}

async function call<Body>(web: string, method: string, request: object = {}): Promise<Body> {
  const response = await fetch(`http://${web}/strategyruntime.v1.${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(request),
  });
  if (!response.ok) {
    throw new Error(`${method} answered ${response.status}: ${await response.text()}`);
  }
  return (await response.json()) as Body;
}
