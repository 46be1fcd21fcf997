/** A decision as the examples print it: one line of facts and one of reasons. */
export interface PrintedDecision {
  readonly time: string;
  readonly side: "LONG" | "SHORT";
  readonly symbol: string;
  readonly sizeUsd: number;
  readonly entryPrice: number;
  readonly stopLoss: number;
  readonly takeProfit: number;
  readonly strategyId: string;
  readonly shadow: boolean;
  /** The line below. */
  readonly below: string;
}

const LINE =
  /^(\d\d:\d\d:\d\d) {2}(LONG|SHORT) +(\S+) +([\d,.]+) USD {2}at ([\d,.]+) +stop ([\d,.]+) +target ([\d,.]+) +\d+ % {2}(\S+)( \(SHADOW: not executed\))?\n {10}(.*)$/gm;

const number = (text = "") => Number(text.replaceAll(",", ""));

/** Every decision in what an example printed. */
export function printedDecisions(output: string): readonly PrintedDecision[] {
  return [...output.matchAll(LINE)].map(
    ([, time = "", side, symbol = "", size, entry, stop, target, strategyId = "", shadow, below = ""]) => ({
      time,
      side: side as "LONG" | "SHORT",
      symbol,
      sizeUsd: number(size),
      entryPrice: number(entry),
      stopLoss: number(stop),
      takeProfit: number(target),
      strategyId,
      shadow: shadow !== undefined,
      below,
    }),
  );
}
