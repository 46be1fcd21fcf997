import type { Kernel, KernelSource } from "./indicator.ts";
import { kernelSource } from "./registry.ts";

/** The kernels of one series: one for each key, with those that it is computed from. */
export class KernelPool {
  readonly #ofBars = new Map<string, Kernel>();
  /** In the order in which they came, so that each stands behind its inputs. */
  readonly #derived = new Map<string, Kernel>();

  /** The outputs of the kernel that a source names, which is made where it is not there yet. */
  outputsOf(source: KernelSource): Float64Array {
    const known = this.#ofBars.get(source.key) ?? this.#derived.get(source.key);
    return (known ?? this.#make(source)).outputs;
  }

  /** All of them, in the order in which they take a bar. */
  inOrder(): readonly Kernel[] {
    // Equal kinds one after the other: the next call is then mostly to the same code as the one
    // before.
    const ofBars = [...this.#ofBars].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, kernel]) => kernel);
    return [...ofBars, ...this.#derived.values()];
  }

  #make(source: KernelSource): Kernel {
    const inputs = (source.inputs ?? []).map((indicator) => {
      const from = kernelSource(indicator);
      return { indicator, source: from, outputs: this.outputsOf(from) };
    });
    const kernel = source.create(inputs);
    (source.inputs === undefined ? this.#ofBars : this.#derived).set(source.key, kernel);
    return kernel;
  }
}
