import type { Counts, Figure, Line, RivalFigure, Size } from "./row.ts";

/**
 * What a contestant did in one round: a value for each measure, and counts of what it found, which
 * must be everybody's.
 */
export interface Sample {
  readonly values: Readonly<Record<string, number>>;
  readonly counts: Counts;
}

export interface Contestant {
  readonly name: string;
  run(): Promise<Sample>;
}

/** A quantity that every contestant's samples have under `key`. */
export interface Measure {
  readonly key: string;
  readonly what: string;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly target?: {
    readonly text: string;
    /** `ratios`: ours over the rival's, by the rival's name. */
    kept(ours: number, ratios: ReadonlyMap<string, number>): boolean;
  };
}

export interface Contest {
  readonly row: string;
  readonly measures: readonly Measure[];
  readonly ours: Contestant;
  readonly rivals: readonly Contestant[];
  /** Rounds measured at full size, where they are not as many as usual. */
  readonly rounds?: number;
}

/** Rounds measured, after one that is not. */
export function roundsOf(size: Size): number {
  return size === "full" ? 5 : 1;
}

/**
 * Lets the contestants run in alternation, every second round in the reverse order, after a round
 * that only warms up. One line a measure; void where counts differ.
 */
export async function contest({ row, measures, ours, rivals, rounds }: Contest, size: Size): Promise<readonly Line[]> {
  const all = [ours, ...rivals];
  const samples = new Map<Contestant, Sample[]>(all.map((contestant) => [contestant, []]));
  const measured = size === "full" ? (rounds ?? roundsOf(size)) : roundsOf(size);
  for (let round = 0; round <= measured; round++) {
    for (const contestant of round % 2 === 0 ? all : all.toReversed()) {
      globalThis.gc?.();
      samples.get(contestant)?.push(await contestant.run());
    }
  }
  const counts = samples.get(ours)?.[0]?.counts ?? {};
  const fault = disagreement(counts, samples);
  return measures.map((measure) => {
    const valuesOf = (contestant: Contestant) =>
      (samples.get(contestant) ?? []).slice(1).map(({ values }) => values[measure.key] ?? Number.NaN);
    return lineOf({
      row,
      measure,
      ours: valuesOf(ours),
      rivals: rivals.map((rival) => ({ name: rival.name, values: valuesOf(rival) })),
      counts,
      ...(fault !== undefined && { void: fault }),
    });
  });
}

/**
 * What a rival counted must be what ours counted under the same names; it may have counted less.
 */
function disagreement(counts: Counts, samples: ReadonlyMap<Contestant, readonly Sample[]>): string | undefined {
  for (const [{ name }, given] of samples) {
    for (const [round, sample] of given.entries()) {
      const keys = Object.keys(sample.counts);
      if (keys.length === 0) {
        return `${name} counted nothing in round ${round}`;
      }
      const differs = keys.filter((key) => sample.counts[key] !== counts[key]);
      if (differs.length > 0) {
        const found = differs.map((key) => `${key} ${sample.counts[key]}, ours ${counts[key]}`);
        return `${name} found in round ${round}: ${found.join("; ")}`;
      }
    }
  }
  return undefined;
}

export function countsText(counts: Counts): string {
  return Object.keys(counts)
    .sort()
    .map((key) => `${key} ${counts[key]}`)
    .join(", ");
}

export function figureOf(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
  return { median, least: sorted[0] ?? Number.NaN, most: sorted.at(-1) ?? Number.NaN, rounds: sorted.length };
}

export interface LineParts {
  readonly row: string;
  readonly measure: Measure;
  /** One a round. */
  readonly ours: readonly number[];
  readonly rivals: readonly { readonly name: string; readonly values: readonly number[] }[];
  readonly counts: Counts;
  readonly void?: string;
}

/** A line with its ratios, and its target judged; a void one keeps no target. */
export function lineOf({ row, measure, ours, rivals, counts, void: fault }: LineParts): Line {
  const { what, unit, better, target } = measure;
  const figures = rivals.map(({ name, values }): RivalFigure => {
    // Round by round, since what else the machine does in a round slows both.
    const ratio = figureOf(ours.map((value, round) => value / (values[round] ?? Number.NaN))).median;
    return { name, ...figureOf(values), ratio };
  });
  const own = figureOf(ours);
  const ratios = new Map(figures.map(({ name, ratio }) => [name, ratio]));
  return {
    row,
    what,
    unit,
    better,
    ours: own,
    rivals: figures,
    counts,
    ...(target && { target: { text: target.text, kept: fault === undefined && target.kept(own.median, ratios) } }),
    ...(fault !== undefined && { void: fault }),
  };
}
