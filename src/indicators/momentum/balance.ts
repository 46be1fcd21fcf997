import type { Bar } from "../../domain/bar.ts";
import { type Definition, type KernelKind, within } from "../definition.ts";
import type { Kernel } from "../indicator.ts";

class BalanceOfPower implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);

  push({ open, high, low, close }: Bar): void {
    this.outputs[0] = high === low ? Number.NaN : (close - open) / (high - low);
  }
}

const BOP: KernelKind = { name: "BOP", create: () => new BalanceOfPower() };

export const BALANCE: readonly Definition[] = [
  {
    base: "BOP",
    parameters: [],
    family: "trend",
    unit: "dimensionless",
    range: within(-1, 1),
    firstIndex: () => 0,
    kernel: BOP,
    output: 0,
    formula: "(close − open)/(high − low)",
    undefinedWhere: "high = low",
    source: "TA-Lib BOP",
  },
];
