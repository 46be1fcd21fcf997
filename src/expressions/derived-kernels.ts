import type { Bar } from "../domain/bar.ts";
import type { Indicator, Kernel, KernelInput, KernelSource } from "../indicators/indicator.ts";
import { kernelSource } from "../indicators/registry.ts";
import type { Expression } from "./expression.ts";
import { Program, type Values } from "./program.ts";

/** Outputs of a kernel whose readiness depends on its source's values. */
const VALUE = 0;
const SETTLED = 1;
const DEFINED_AT = 2;
const SETTLED_AT = 3;
const READINESS = { settled: SETTLED, definedAt: DEFINED_AT, settledAt: SETTLED_AT } as const;

/** R55: the value of `reading` so many bars earlier in its series. */
export function laggedSource(name: string, reading: Indicator, lag: number): KernelSource {
  const { readiness } = kernelSource(reading);
  return {
    key: name,
    output: VALUE,
    inputs: [reading],
    ...(readiness !== undefined && { readiness: READINESS }),
    create: ([input]) =>
      readiness === undefined ? new Lagged(given(input), lag) : new LaggedSourced(given(input), lag),
  };
}

/** R54: the indicator with `source` in place of the close. */
export function sourcedSource(name: string, indicator: Indicator, source: Expression): KernelSource {
  const program = new Program(source);
  return {
    key: name,
    output: VALUE,
    inputs: program.parts.map(({ reading }) => reading),
    readiness: READINESS,
    create: (inputs) => new Sourced(indicator, new SourceSeries(program, inputs)),
  };
}

function given<T>(input: T | undefined): T {
  if (input === undefined) {
    throw new RangeError("a derived reading is computed from none; make sets of readings with KernelPool");
  }
  return input;
}

/** The last few values of a series, of which the oldest is read when the next one comes. */
class DelayLine {
  readonly #values: Float64Array;
  #at = 0;

  constructor(length: number) {
    this.#values = new Float64Array(length).fill(Number.NaN);
  }

  /** Takes a value; answers with the one that came `length` values earlier, NaN before there is one. */
  push(value: number): number {
    const before = this.#values[this.#at] as number;
    this.#values[this.#at] = value;
    this.#at = this.#at + 1 === this.#values.length ? 0 : this.#at + 1;
    return before;
  }
}

class Lagged implements Kernel {
  readonly outputs: Float64Array = new Float64Array(1).fill(Number.NaN);
  private readonly input: KernelInput;
  private readonly line: DelayLine;

  constructor(input: KernelInput, lag: number) {
    this.input = input;
    this.line = new DelayLine(lag);
  }

  push(): void {
    const { outputs, source } = this.input;
    this.outputs[VALUE] = this.line.push(outputs[source.output] as number);
  }
}

/** As Lagged, with the readiness of the bar that is read. */
class LaggedSourced implements Kernel {
  readonly outputs: Float64Array = new Float64Array(4).fill(Number.NaN);
  private readonly input: KernelInput;
  private readonly lag: number;
  private readonly lines: readonly DelayLine[];
  private index = -1;

  constructor(input: KernelInput, lag: number) {
    this.input = input;
    this.lag = lag;
    this.lines = Array.from(this.outputs, () => new DelayLine(lag));
  }

  push(): void {
    const { outputs, lag, lines } = this;
    const { indicator } = this.input;
    this.index++;
    for (let i = 0; i < lines.length; i++) {
      outputs[i] = (lines[i] as DelayLine).push(this.input.outputs[i] as number);
    }
    const isThere = this.index >= lag;
    outputs[DEFINED_AT] = isThere ? (outputs[DEFINED_AT] as number) + lag : indicator.firstIndex + lag;
    outputs[SETTLED_AT] = isThere
      ? (outputs[SETTLED_AT] as number) + lag
      : indicator.firstIndex + indicator.settleBars + lag;
  }
}

/** What stands in place of the close, bar by bar. */
class SourceSeries {
  value = Number.NaN;
  definedAt = 0;
  settledAt = 0;
  readonly #program: Program;
  readonly #inputs: readonly KernelInput[];
  readonly #values: Values;

  constructor(program: Program, inputs: readonly KernelInput[]) {
    this.#program = program;
    this.#inputs = inputs;
    this.#values = {
      values: new Float64Array(inputs.length),
      at: Int32Array.from(inputs, (_, i) => i),
      step: 1,
    };
  }

  /** Reads the inputs as of the bar that they have just taken. */
  read(): void {
    let definedAt = 0;
    let settledAt = 0;
    for (let i = 0; i < this.#inputs.length; i++) {
      const { indicator, source, outputs } = this.#inputs[i] as KernelInput;
      const { readiness } = source;
      this.#values.values[i] = outputs[source.output] as number;
      if (readiness !== undefined) {
        definedAt = Math.max(definedAt, outputs[readiness.definedAt] as number);
        settledAt = Math.max(settledAt, outputs[readiness.settledAt] as number);
      } else {
        definedAt = Math.max(definedAt, indicator.firstIndex);
        settledAt = Math.max(settledAt, indicator.firstIndex + indicator.settleBars);
      }
    }
    this.value = this.#program.value(this.#values, 0);
    this.definedAt = definedAt;
    this.settledAt = settledAt;
  }
}

/**
 * An indicator over a source: its kernel sees bars whose prices are the source's values. Where the
 * source is undefined, the series begins afresh behind that.
 */
class Sourced implements Kernel {
  readonly outputs: Float64Array = new Float64Array(4).fill(Number.NaN);
  private readonly indicator: Indicator;
  private readonly source: SourceSeries;
  private readonly kernelSource: KernelSource;
  private readonly bar = { openTime: 0, open: 0, high: 0, low: 0, close: 0, volume: 0 } satisfies Bar;
  private kernel: Kernel | undefined;
  /** Index of the bar judged, and of the first one of the kernel's series. */
  private index = -1;
  private start = 0;

  constructor(indicator: Indicator, source: SourceSeries) {
    this.indicator = indicator;
    this.source = source;
    this.kernelSource = kernelSource(indicator);
  }

  push(): void {
    const { source, indicator, outputs } = this;
    this.index++;
    source.read();
    if (Number.isNaN(source.value)) {
      this.kernel = undefined;
      this.start = Math.max(source.definedAt, this.index + 1);
      outputs[VALUE] = Number.NaN;
    } else {
      outputs[VALUE] = this.next(source.value);
    }
    outputs[DEFINED_AT] = this.start + indicator.firstIndex;
    outputs[SETTLED_AT] = Math.max(source.settledAt, this.start) + indicator.firstIndex + indicator.settleBars;
    outputs[SETTLED] = this.index >= outputs[SETTLED_AT] ? outputs[VALUE] : Number.NaN;
  }

  private next(value: number): number {
    if (this.kernel === undefined) {
      this.kernel = this.kernelSource.create([]);
      this.start = this.index;
    }
    const { kernel, bar } = this;
    bar.open = value;
    bar.high = value;
    bar.low = value;
    bar.close = value;
    kernel.push(bar);
    const result = kernel.outputs[this.kernelSource.output] as number;
    return Number.isFinite(result) ? result : Number.NaN;
  }
}
