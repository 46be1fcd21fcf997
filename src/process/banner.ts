import { type Config, whoMayCall } from "../config.ts";
import type { RuntimeStatus } from "../engine/api.ts";
import { tryNext } from "./try-next.ts";

const WHAT_DATA = {
  simulated: "SIMULATED prices of an invented exchange, not the market",
  replay: "REPLAYED bars of the past, not the market now",
  binance: "Binance, live",
} as const;

const WHOSE_TIME = {
  simulated: "the time of that exchange: cooldowns, expiry and the like go by it",
  replay: "the time of the recording, which stands still until something is judged or followed",
  binance: "the time of the venue",
} as const;

export interface BannerFacts {
  readonly address: string;
  /** Absent where it is switched off. */
  readonly webAddress?: string;
  /** Absent until the stores are there. */
  readonly marketTime?: number;
  readonly symbols: readonly string[];
  readonly status: Pick<RuntimeStatus, "liveStrategies" | "shadowStrategies" | "ready" | "whyNot">;
}

function keptIn({ dataDir, databaseUrl }: Config): string {
  if (databaseUrl !== undefined) {
    return "PostgreSQL";
  }
  return dataDir === "memory" ? "memory: nothing is kept" : dataDir;
}

/**
 * What a person wants to know at start: where, what data, how many strategies, and what to try
 * next.
 */
export function banner({ address, webAddress, marketTime, symbols, status }: BannerFacts, config: Config): string {
  const commands = tryNext({ address, ...(webAddress !== undefined && { webAddress }) }, config);
  return `
  Strategy Runtime Engine
    gRPC        ${address}
    web         ${webAddress === undefined ? "off" : `${webAddress} (/metrics, /healthz, /readyz, and every call as JSON)`}
    ${whoMayCall(config).replace(":", "    ")}
    data        ${WHAT_DATA[config.marketData]}
    market time ${marketTime === undefined ? "unknown yet" : `${new Date(marketTime).toISOString()}, ${WHOSE_TIME[config.marketData]}`}
    symbols     ${symbols.join(", ") || "none"}
    strategies  ${status.liveStrategies} LIVE, ${status.shadowStrategies} SHADOW
    kept in     ${keptIn(config)}
    ready       ${status.ready ? "yes" : `not yet: ${status.whyNot.join("; ")}`}

  Try next:
${commands.map((command) => `    ${command}`).join("\n")}

`;
}
