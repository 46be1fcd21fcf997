import type { ConditionResult, Decision } from "../../../domain/decision.ts";
import { RuntimeError } from "../../../domain/errors.ts";
import type { ExitOutcome } from "../../../domain/exit.ts";
import { lastClose } from "../../../domain/timeframe.ts";
import type { ExitEvaluation } from "../../api.ts";
import { formatNumber, formatPercent } from "../../rules/conditions/format.ts";
import { decideExit } from "../../rules/exits/exit-candidate.ts";
import type { HeldPlan } from "../../rules/exits/held-plan.ts";
import { type ExitVerdict, judgeExit } from "../../rules/exits/judge-exit.ts";
import { exitQuestion } from "./exit-pass.ts";
import type { HeldPosition } from "./held-position.ts";
import type { OpenPositions } from "./open-positions.ts";

const NO_CONDITIONS: readonly ConditionResult[] = [];

/** R89: explains one open position as of the newest close; changes nothing. Fails with `not_found`. */
export async function evaluateExit(
  positions: OpenPositions,
  positionId: string,
  now: number,
  regime: string | undefined,
): Promise<ExitEvaluation> {
  const held = positions.get(positionId);
  if (held === undefined) {
    const text = `no position ${JSON.stringify(positionId)} is open here; give position_id as it was reported opened`;
    throw new RuntimeError("not_found", text);
  }
  const { plan, position } = held;
  const { strategyId, symbol } = position;
  const close = plan === undefined ? now : lastClose(now, plan.timeframe);
  const base = { positionId, strategyId, symbol };
  if (plan !== undefined) {
    await positions.prepare(plan.timeframe, close, new Set([symbol]));
  }
  if (held.whyNot !== undefined || plan === undefined || close <= position.openedAt) {
    const explanation = held.whyNot ?? unjudged(plan);
    return { ...base, outcome: "HOLD", explanation, conditions: NO_CONDITIONS };
  }
  return { ...base, ...evaluated(positions, held, plan, close, regime) };
}

function unjudged(plan: HeldPlan | undefined): string {
  return plan === undefined
    ? "nothing is known yet of how it is to be left"
    : `no ${plan.timeframe} bar has closed since it was opened`;
}

function evaluated(
  positions: OpenPositions,
  held: HeldPosition,
  plan: HeldPlan,
  close: number,
  regime: string | undefined,
): Omit<ExitEvaluation, "positionId" | "strategyId" | "symbol"> {
  const { position } = held;
  const question = exitQuestion(held, plan, { series: positions.series, close });
  const verdict = judgeExit(question);
  const price = "close" in question.bar ? question.bar.close : undefined;
  const made = held.last?.barCloseTime === close ? held.last : undefined;
  const outcome: ExitOutcome = made?.action ?? verdict.outcome;
  const exitReason = made?.exitReason ?? verdict.reason;
  const direction = position.side === "LONG" ? 1 : -1;
  const decision = made ?? wouldBe(positions, held, plan, verdict, close, regime);
  const exitBy = plan.exit?.exitBy;
  return {
    outcome,
    explanation: explain(verdict, price, exitBy === undefined ? undefined : exitBy - close),
    conditions: verdict.conditions,
    ...verdict.levels,
    barCloseTime: close,
    ...(exitReason !== undefined && { exitReason }),
    ...(price !== undefined && {
      close: price,
      pnlPct: ((price - position.entryPrice) * direction) / position.entryPrice,
    }),
    ...(exitBy !== undefined && { remainingMs: Math.max(0, exitBy - close) }),
    ...(decision && { decision }),
  };
}

function wouldBe(
  { dataSource }: Pick<OpenPositions, "dataSource">,
  { position }: HeldPosition,
  plan: HeldPlan,
  verdict: ExitVerdict,
  barCloseTime: number,
  regime: string | undefined,
): Decision | undefined {
  const { outcome } = verdict;
  return outcome === "CLOSE" || outcome === "ADJUST"
    ? decideExit({ position, plan, verdict: { ...verdict, outcome }, barCloseTime, regime, dataSource }, 0)
    : undefined;
}

/** What decided, and how far every exit is away. */
function explain(
  { because, levels, conditions }: ExitVerdict,
  price: number | undefined,
  remaining: number | undefined,
): string {
  const away = (name: string, level: number | undefined) =>
    level === undefined || price === undefined
      ? []
      : [`${name} ${formatNumber(level)}, ${formatPercent(Math.abs(level / price - 1))} away`];
  const left = remaining === undefined || remaining <= 0 ? [] : [`${Math.ceil(remaining / 60_000)} min left`];
  const rule = conditions.map(({ condition, left: value, met }) => {
    const is = value === undefined ? "" : ` is ${formatNumber(value)}`;
    return `${condition}:${is}${met === undefined ? " unknown" : met ? ", holds" : ", does not hold"}`;
  });
  const ruleText = rule.length === 0 ? [] : [`exit rule: ${rule.join(", ")}`];
  return [because, ...away("stop", levels.stopLoss), ...away("target", levels.takeProfit), ...ruleText, ...left].join(
    "; ",
  );
}
