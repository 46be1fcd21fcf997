import type { Timeframe } from "../../domain/timeframe.ts";
import type { CompiledStrategy, Reads } from "../rules/conditions/compiled-strategy.ts";
import type { ShortHistory } from "../rules/conditions/market-reading.ts";
import type { StrategySet } from "../rules/sets/strategy-set.ts";

/** Strategies of a set that are judged alike on a symbol. */
export interface Part {
  readonly set: StrategySet;
  /** History that they wait for, where they do. */
  readonly waitsFor?: string;
}

/**
 * A set as it can be judged on a symbol: as it is, nearly always. While some strategies wait for
 * history that goes further back, they are a part of their own. Sets are parted in the same way on
 * nearly all symbols, and from close to close.
 */
export function partsOf(
  set: StrategySet,
  reads: readonly Timeframe[],
  shortOn: (timeframe: Timeframe) => ShortHistory | undefined,
): readonly Part[] {
  let short: Map<Timeframe, ShortHistory> | undefined;
  for (const timeframe of reads) {
    const found = shortOn(timeframe);
    if (found !== undefined) {
      short ??= new Map();
      short.set(timeframe, found);
    }
  }
  if (short === undefined) {
    return [{ set }];
  }
  const limits = [...short].map(([timeframe, { limit }]) => `${timeframe} ${limit}`).join();
  const [able, waiting] = set.parted(limits, waitsFor(short));
  const why = [...short.values()].map((each) => each.why).join("; ");
  return [{ set: able }, { set: waiting, waitsFor: why }].filter((part) => part.set.strategies.length > 0);
}

/** Whether a strategy needs more history than there is; asked once for all that read the same. */
function waitsFor(short: ReadonlyMap<Timeframe, ShortHistory>): (compiled: CompiledStrategy) => boolean {
  const verdicts = new Map<Reads, boolean>();
  return ({ reads }) => {
    let waits = verdicts.get(reads);
    if (waits === undefined) {
      waits = [...short].some(([timeframe, { limit }]) => (reads.requiredBars.get(timeframe) ?? 0) > limit);
      verdicts.set(reads, waits);
    }
    return waits;
  };
}
