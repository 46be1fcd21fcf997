/** A condition or a rule of the contract, as JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** A strategy after the idea of a well-known public one. */
export interface PublicStrategy {
  /** The idea, and where it differs from what people usually run. */
  readonly idea: string;
  readonly strategy: Json;
}

const CONDITION =
  /^(.*?) (<=|>=|==|<|>|crosses_above|crosses_below) (.*?)(?: @(\w+))?(?: on (\S+))?(?: (for|within) (\d+))?$/;

/**
 * One condition: "RSI_14 < 30", "CLOSE > EMA_200 @4h on BTCUSD", "RSI_14 < 30 for 3". Blanks before
 * `@` tell the condition's timeframe from that of a reading.
 */
export function c(text: string): Json {
  const [, name = "", operator = "", right = "", timeframe, symbol, steps, count] = CONDITION.exec(text) ?? [];
  if (operator === "") {
    throw new Error(`"${text}" is no condition`);
  }
  return {
    name,
    operator,
    ...(/^-?[\d.]+$/.test(right) ? { value: Number(right) } : { indicator: right }),
    ...(timeframe !== undefined && { timeframe }),
    ...(symbol !== undefined && { symbol }),
    ...(steps !== undefined && { [`${steps}_bars`]: Number(count) }),
  };
}

function ruleOf(part: string | Json): Json {
  return typeof part === "string" ? { condition: c(part) } : part;
}

export const all = (...parts: readonly (string | Json)[]): Json => ({ all: { rules: parts.map(ruleOf) } });
export const any = (...parts: readonly (string | Json)[]): Json => ({ any: { rules: parts.map(ruleOf) } });
export const none = (...parts: readonly (string | Json)[]): Json => ({ none: { rules: parts.map(ruleOf) } });
export const tagged = (tag: string, part: string | Json): Json => ({ ...ruleOf(part), tag });

/** With what most of them share; `more` says the rest, and what is otherwise. */
export function strategy(strategy_id: string, idea: string, more: Json): PublicStrategy {
  const sides = "side" in more ? {} : { side: "LONG" };
  return {
    idea,
    strategy: { strategy_id, name: idea.slice(0, 200), status: "SHADOW", base_size_usd: 1_000, ...sides, ...more },
  };
}
