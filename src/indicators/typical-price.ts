import type { Bar } from "../domain/bar.ts";

/**
 * (high + low + close)/3, added in that order, since MFI and CCI depend on the last digit where
 * prices tie (R9).
 */
export function typicalPrice(bar: Bar): number {
  return (bar.high + bar.low + bar.close) / 3;
}
