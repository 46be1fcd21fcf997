import type { Bar as BarMessage } from "../../../gen/strategyruntime/v1/market_pb.ts";
import type { EvaluateRequest } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { type Bar, barFault } from "../../domain/bar.ts";
import type { StrategyDraft } from "../../domain/strategy.ts";
import type { EvaluateQuery, StrategyDesk } from "../../engine/api.ts";
import { Faults } from "../faults.ts";
import { fromStrategyConfig } from "../translate/strategy.ts";
import { floorMs, isWholeMs, timestampFault } from "../translate/time.ts";

const MOST_BARS = 20_000;
/** Faults of bars reported at once: a feed that is wrong throughout is understood after these. */
const MOST_BAR_FAULTS = 20;

/** An Evaluate request as the engine takes it; throws `invalid` with all that is wrong with it, an inline strategy included (R47, R48, R50). */
export async function evaluateQuery(
  request: EvaluateRequest,
  strategies: Pick<StrategyDesk, "save">,
): Promise<EvaluateQuery> {
  const { symbol, currentRegime, price, at, indicators } = request;
  const faults = new Faults();
  const strategy = strategyOf(faults, request);
  faults.symbol("symbol", symbol);
  faults.regime("current_regime", currentRegime);
  const bars = checkBars(faults, request.bars);
  for (const [name, value] of Object.entries(indicators)) {
    faults.finite(`indicators[${JSON.stringify(name)}]`, value);
  }
  faults.positive("price", price);
  faults.time("at", at);
  await faults.raiseWith(() => checkInline(strategy, strategies));
  return {
    strategy,
    symbol,
    ...(currentRegime !== undefined && { currentRegime }),
    bars,
    indicators,
    ...(price !== undefined && { price }),
    ...(at && { at: floorMs(at) }),
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

/** What is wrong with a strategy given inline, whose status is LIVE where unspecified (R50). */
async function checkInline(strategy: EvaluateQuery["strategy"], strategies: Pick<StrategyDesk, "save">): Promise<void> {
  if ("config" in strategy) {
    const draft: StrategyDraft = { ...strategy.config, status: strategy.config.status || "LIVE" };
    await strategies.save(draft, { validateOnly: true });
  }
}

function checkBars(faults: Faults, messages: readonly BarMessage[]): readonly Bar[] {
  if (messages.length > MOST_BARS) {
    faults.note("bars", `has ${messages.length} bars, must have at most ${MOST_BARS}`);
    return [];
  }
  let left = MOST_BAR_FAULTS;
  return messages.map((message, index) => {
    const bar = fromBar(message);
    const fault = left > 0 ? (openTimeFault(message) ?? barFault(bar)) : undefined;
    if (fault !== undefined) {
      left--;
      faults.note(`bars[${index}]`, fault);
    }
    return bar;
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

function fromBar({ openTime, open, high, low, close, volume }: BarMessage): Bar {
  return { openTime: openTime ? floorMs(openTime) : Number.NaN, open, high, low, close, volume };
}
