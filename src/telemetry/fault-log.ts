import { errorText } from "../domain/errors.ts";
import type { Logger } from "./logger.ts";

/**
 * Equal faults have one line in this time: a store that is down must not drown what else happens.
 */
const MINUTE_MS = 60_000;
/** Most kinds of faults that have lines of their own in a minute. */
const MOST_KINDS = 200;

/** Runs a task once after so many ms; the answer cancels it. */
export type After = (ms: number, task: () => void) => () => void;

export interface FaultLogOptions {
  /** Of the system by default, without keeping the process. */
  readonly after?: After;
  readonly mostKinds?: number;
  /** Said once a minute of what has no line of its own any more. */
  readonly others?: string;
}

interface Line {
  readonly level: "info" | "warn" | "error";
  readonly fields: object;
  readonly message: string;
}

interface Repetition {
  /** The newest of them. */
  line: Line;
  /** How often it came since the last line. */
  repeated: number;
}

/**
 * Logs faults, equal ones once a minute: the first at once, then their count when the minute is
 * over. Neither the memory nor the log grows with the number of kinds: beyond the most, all others
 * are one kind.
 */
export class FaultLog {
  readonly #logger: Logger;
  readonly #after: After;
  readonly #mostKinds: number;
  readonly #others: string;
  readonly #known = new Map<string, Repetition>();
  #otherFaults = 0;
  #cancel: (() => void) | undefined;

  constructor(logger: Logger, options: FaultLogOptions = {}) {
    this.#logger = logger;
    this.#after = options.after ?? systemAfter;
    this.#mostKinds = options.mostKinds ?? MOST_KINDS;
    this.#others = options.others ?? "faults of other kinds";
  }

  /** `key` says which faults are equal. */
  add(level: Line["level"], key: string, fields: object, message: string): void {
    const line = { level, fields, message };
    const known = this.#known.get(key);
    if (known !== undefined) {
      known.repeated++;
      known.line = line;
    } else if (this.#known.size < this.#mostKinds) {
      this.#known.set(key, { line, repeated: 0 });
      this.#logger[level](fields, message);
    } else {
      if (this.#otherFaults === 0) {
        this.#logger.warn(
          `${this.#others} are only counted until the minute is over, for there are ${this.#mostKinds}`,
        );
      }
      this.#otherFaults++;
    }
    this.#cancel ??= this.#after(MINUTE_MS, () => this.#minuteOver());
  }

  /** The next fault whose key begins like this is news again. Answers with how many had no line. */
  forget(beginning: string): number {
    let untold = 0;
    for (const [key, { repeated }] of this.#known) {
      if (key.startsWith(beginning)) {
        untold += repeated;
        this.#known.delete(key);
      }
    }
    return untold;
  }

  /** Tells what has no line yet. */
  flush(): void {
    this.#cancel?.();
    this.#tell();
    this.#known.clear();
  }

  #minuteOver(): void {
    this.#cancel = undefined;
    this.#tell();
    if (this.#known.size > 0) {
      this.#cancel = this.#after(MINUTE_MS, () => this.#minuteOver());
    }
  }

  /** What came again has its count, and is counted on; the rest is forgotten. */
  #tell(): void {
    for (const [key, known] of this.#known) {
      const { repeated } = known;
      if (repeated === 0) {
        this.#known.delete(key);
      } else {
        const { level, fields, message } = known.line;
        this.#logger[level]({ ...fields, repeated }, `${message} (${repeated} more within a minute)`);
        known.repeated = 0;
      }
    }
    if (this.#otherFaults > 0) {
      this.#logger.warn({ repeated: this.#otherFaults }, `${this.#otherFaults} ${this.#others} within a minute`);
      this.#otherFaults = 0;
    }
  }
}

/** What faults that differ in numbers only have in common: an age, a port, a count. */
export function kindOf(text: string): string {
  return text.slice(0, 500).replace(/\d+/g, "#");
}

/** The line for a fault of this program. */
export function thrownLine({ where, error }: { readonly where: string; readonly error: unknown }): string {
  return `a fault of this program in a ${where}, which ended nothing else: ${errorText(error)}`;
}

const systemAfter: After = (ms, task) => {
  const timer = setTimeout(task, ms).unref();
  return () => clearTimeout(timer);
};
