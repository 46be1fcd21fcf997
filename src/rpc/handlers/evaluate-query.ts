import type { Bar as BarMessage } from "../../../gen/strategyruntime/v1/market_pb.ts";
import type { EvaluateRequest } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { Bar } from "../../domain/bar.ts";
import type { EvaluateQuery } from "../../engine/api.ts";
import { Faults } from "../faults.ts";
import { fromStrategyConfig } from "../translate/strategy.ts";
import { floorMs, isWholeMs, timestampFault } from "../translate/time.ts";

/** Faults of bars reported at once: a feed that is wrong throughout is understood after these. */
const MOST_BAR_FAULTS = 20;

/**
 * An Evaluate request as the engine takes it. Here only what the wire alone can get wrong is looked
 * at, times and what is required; it goes along as faults, and the engine reports it with all that
 * it finds itself.
 */
export function evaluateQuery(request: EvaluateRequest): EvaluateQuery {
  const { symbol, currentRegime, price, at, indicators } = request;
  const faults = new Faults();
  const strategy = strategyOf(faults, request);
  faults.time("at", at);
  const bars = readBars(faults, request.bars);
  return {
    strategy,
    symbol,
    ...(currentRegime !== undefined && { currentRegime }),
    bars,
    indicators,
    ...(price !== undefined && { price }),
    ...(at && { at: floorMs(at) }),
    ...(faults.violations.length > 0 && { faults: faults.violations }),
  };
}

function strategyOf(faults: Faults, { strategy }: EvaluateRequest): EvaluateQuery["strategy"] {
  switch (strategy.case) {
    case "config":
      return { config: fromStrategyConfig(strategy.value) };
    case "strategyId":
      faults.required("strategy_id", strategy.value);
      return { strategyId: strategy.value };
    case undefined:
      faults.note("strategy", "is required: give strategy_id or config");
      return { strategyId: "" };
  }
}

function readBars(faults: Faults, messages: readonly BarMessage[]): readonly Bar[] {
  let left = MOST_BAR_FAULTS;
  return messages.map((message, index) => {
    const fault = left > 0 ? openTimeFault(message) : undefined;
    if (fault !== undefined) {
      left--;
      faults.note(`bars[${index}]`, fault);
    }
    return fromBar(message, fault === undefined);
  });
}

function openTimeFault({ openTime }: BarMessage): string | undefined {
  if (openTime === undefined) {
    return "open_time is required";
  }
  const fault = timestampFault(openTime);
  if (fault !== undefined) {
    return `open_time ${fault}`;
  }
  return isWholeMs(openTime) ? undefined : `open_time has nanos ${openTime.nanos}, must be at the start of a bar`;
}

function fromBar({ openTime, open, high, low, close, volume }: BarMessage, hasTime: boolean): Bar {
  return { openTime: openTime && hasTime ? floorMs(openTime) : Number.NaN, open, high, low, close, volume };
}
