import type { Bar } from "../../domain/bar.ts";
import { RuntimeError } from "../../domain/errors.ts";
import { isSymbol, SYMBOL_RULE } from "../../domain/symbol.ts";
import { lastClose, type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import type { Clock } from "../../ports/clock.ts";
import type { MarketData } from "../../ports/market-data.ts";
import { MarketTime } from "../paced/market-time.ts";
import { type BarSeries, type BarSource, pacedFeed } from "../paced/paced-feed.ts";
import { Recent } from "./recent.ts";
import { SymbolPath } from "./symbol-path.ts";

export interface SimulatedOptions {
  /** Equal seeds give equal bars. Any finite number. */
  readonly seed: number;
  /** Market seconds per second; above 0. */
  readonly speed: number;
  readonly clock: Clock;
  /** Market time when it is ready, ms since the epoch; wall time by default. */
  readonly startAt?: number;
}

/** Symbols whose state is kept; it can be made again at any time, and names come from callers. */
const SYMBOLS_KEPT = 256;

/**
 * A simulated exchange that trades every symbol around the clock since 1970, in ticks of one
 * second. What it serves is a pure function of seed, symbol and time, and every timeframe is
 * exactly what its shorter bars make up. Market time runs at `speed` from `startAt`, by the
 * monotonic clock; it waits at each close until every open subscription has read it, and then
 * catches up.
 */
export function simulated(options: SimulatedOptions): MarketData {
  const { seed, speed, clock, startAt } = options;
  if (!Number.isFinite(seed)) {
    throw new RuntimeError("invalid", `the seed of the simulated exchange is ${seed}, must be a finite number`);
  }
  if (!(speed > 0 && speed < Number.POSITIVE_INFINITY)) {
    throw new RuntimeError("invalid", `the speed of the simulated exchange is ${speed}, must be finite and above 0`);
  }
  const open = async () => ({
    bars: bars(seed),
    time: new MarketTime({
      clock,
      speed,
      start: startAt ?? clock.now(),
      end: Number.POSITIVE_INFINITY,
      waitsForReader: false,
    }),
  });
  return pacedFeed({ source: "simulated", startsAnew: false, open });
}

function bars(seed: number): BarSource {
  const paths = new Recent<SymbolPath, string>(SYMBOLS_KEPT);
  const pathOf = (symbol: string): SymbolPath => {
    // Any name that R42 allows is a symbol of this venue.
    if (!isSymbol(symbol)) {
      throw new RuntimeError(
        "not_found",
        `the simulated exchange has no symbol ${JSON.stringify(symbol)}: symbols are ${SYMBOL_RULE}`,
      );
    }
    return paths.get(symbol, () => new SymbolPath(seed, symbol));
  };
  return {
    series: (symbol, timeframe) => seriesOf(pathOf(symbol), timeframe),
    price(symbol, now) {
      const time = lastClose(now, "1s");
      const openTime = time - timeframeMs("1s");
      const path = pathOf(symbol);
      if (openTime < 0) {
        throw new RuntimeError("unavailable", `the simulated exchange has no price at ${now} ms: it opened in 1970`);
      }
      const tick = path.bar("1s", openTime);
      return { price: tick.close, time };
    },
  };
}

function seriesOf(path: SymbolPath, timeframe: Timeframe): BarSeries {
  const length = timeframeMs(timeframe);
  return {
    last(count, until) {
      const end = lastClose(until, timeframe);
      const made: Bar[] = [];
      for (let time = Math.max(0, end - count * length); time < end; time += length) {
        made.push(path.bar(timeframe, time));
      }
      return made;
    },
    closedAt: (time) => (time >= length && time % length === 0 ? path.bar(timeframe, time - length) : undefined),
    nextClose: (time) => lastClose(time, timeframe) + length,
  };
}
