import type { Bar } from "../domain/bar.ts";
import type { KernelKind } from "./definition.ts";
import type { Kernel } from "./indicator.ts";

/** What is computed from one series, value by value. */
export interface Computation {
  push(value: number): void;
  /** As of the last value; NaN while undefined. */
  readonly value: number;
}

class OfClose implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly computation: Computation;

  constructor(computation: Computation) {
    this.computation = computation;
  }

  push(bar: Bar): void {
    this.computation.push(bar.close);
    this.outputs[0] = this.computation.value;
  }
}

/** The kernel of an indicator with one output that reads the closes alone. */
export function ofClose(name: string, create: (parameters: readonly number[]) => Computation): KernelKind {
  return { name, create: (parameters) => new OfClose(create(parameters)) };
}
