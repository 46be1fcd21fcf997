import type { Logger } from "./logger.ts";

/** Equal faults are logged once in this time: a store that is down must not drown what else happens. */
const REPEAT_MS = 60_000;
/** Most faults remembered; the oldest is forgotten first, and then merely logged again too early. */
const MOST_FAULTS = 1_000;

interface Repetition {
  /** When it was last logged, monotonic ms. */
  loggedAt: number;
  /** How often it came since then. */
  repeated: number;
}

/** Logs faults, equal ones seldom. */
export class FaultLog {
  readonly #logger: Logger;
  readonly #monotonic: () => number;
  readonly #known = new Map<string, Repetition>();

  constructor(logger: Logger, monotonic: () => number) {
    this.#logger = logger;
    this.#monotonic = monotonic;
  }

  /** `key` says which faults are equal. */
  add(level: "warn" | "error", key: string, fields: object, message: string): void {
    const now = this.#monotonic();
    const known = this.#known.get(key);
    if (known !== undefined && now - known.loggedAt < REPEAT_MS) {
      known.repeated++;
      return;
    }
    this.#known.delete(key);
    this.#known.set(key, { loggedAt: now, repeated: 0 });
    if (this.#known.size > MOST_FAULTS) {
      this.#known.delete(this.#known.keys().next().value ?? "");
    }
    const repeated = known?.repeated ?? 0;
    const again = repeated > 0 ? ` (${repeated} more since it was last logged)` : "";
    this.#logger[level]({ ...fields, ...(repeated > 0 && { repeated }) }, `${message}${again}`);
  }

  /** The next fault whose key begins like this is news again. */
  forget(beginning: string): void {
    for (const key of this.#known.keys()) {
      if (key.startsWith(beginning)) {
        this.#known.delete(key);
      }
    }
  }
}
