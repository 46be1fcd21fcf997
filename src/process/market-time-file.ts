import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../ports/clock.ts";
import type { MarketData } from "../ports/market-data.ts";

/** Wall time between two notes. */
const EVERY_MS = 500;
/**
 * Market time noted ahead, as a multiple of what passes between two notes: what was said before a
 * crash is never behind the next start.
 */
const AHEAD = 2;

/** The simulated market time that a data folder was left at; 0 where none was noted. */
export function keptMarketTime(directory: string): number {
  try {
    const time = Number(readFileSync(fileIn(directory), "utf8"));
    return Number.isFinite(time) ? time : 0;
  } catch {
    return 0;
  }
}

/**
 * Notes the market time in the data folder until the answer is called, so that it never goes back
 * over a restart.
 */
export function keepMarketTime(directory: string, market: Pick<MarketData, "now">, clock: Clock): () => void {
  let before = market.now();
  let cancel = () => {};
  const note = (time: number) => {
    const file = fileIn(directory);
    writeFileSync(`${file}.new`, String(Math.ceil(time)));
    renameSync(`${file}.new`, file);
  };
  const tick = () => {
    cancel = clock.after(EVERY_MS, tick);
    const now = market.now();
    try {
      note(now + AHEAD * (now - before));
    } catch {
      // A full disk must not stop the service; the next tick tries again.
    }
    before = now;
  };
  tick();
  return () => {
    cancel();
    note(market.now());
  };
}

function fileIn(directory: string): string {
  return join(directory, "market-time");
}
