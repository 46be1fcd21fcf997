/** "tiny" proves that a row works; only "full" measures anything. */
export type Size = "full" | "tiny";

/**
 * How fast the machine is in this run. Its speed may change fivefold within hours, so absolute
 * figures say little.
 */
export interface Yardstick {
  /** Bare grpc-js, 50 in flight, calls a second. */
  readonly echoPerSecond: number;
  /** One plain INSERT of 500 decision rows with its commit, ms; absent without PostgreSQL. */
  readonly insertMs?: number;
  /** One pass over ten million doubles, ms. */
  readonly passMs: number;
}

/** Median, least and most of the rounds' values. */
export interface Figure {
  readonly median: number;
  readonly least: number;
  readonly most: number;
  readonly rounds: number;
}

/** A rival measured in the same run, in alternation with ours. */
export interface RivalFigure extends Figure {
  readonly name: string;
  /** Ours over the rival's: the median of the rounds' ratios. */
  readonly ratio: number;
}

/** One line of the table: one quantity, ours and the rivals'. */
export interface Line {
  readonly row: string;
  readonly what: string;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly ours: Figure;
  readonly rivals: readonly RivalFigure[];
  /** What was asked of it, in words, and whether this run kept it. */
  readonly target?: { readonly text: string; readonly kept: boolean };
  /** Counts that all contestants agreed on, or ours where there is no rival. */
  readonly counts: Counts;
  /** Why the line says nothing: an answer differed between contestants or between rounds. */
  readonly void?: string;
}

export type Counts = Readonly<Record<string, number>>;

/** A row of the bench, which may have several lines. */
export interface Row {
  readonly name: string;
  /** One sentence for people. */
  readonly about: string;
  /** `yardstick`: how fast the machine is in this run, for limits that are in proportion to it. */
  run(size: Size, yardstick: Yardstick): Promise<readonly Line[]>;
}
