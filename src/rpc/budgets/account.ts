import { RuntimeError } from "../../domain/errors.ts";
import { UsedTime } from "./used-time.ts";

export const BUDGETS = ["calls", "orders", "streams", "bytes", "order_bytes", "processor", "openings"] as const;
export type Budget = (typeof BUDGETS)[number];

/** Budgets of processor time: that of costly calls, and that of opening streams. */
export type Timed = "processor" | "openings";
/** Budgets that are taken and given back. */
export type Held = Exclude<Budget, Timed>;

/** How much one caller may use at once; of processor time, ms a minute. */
export type Limits = Readonly<Record<Budget, number>>;

export const UNLIMITED: Limits = {
  calls: Number.POSITIVE_INFINITY,
  orders: Number.POSITIVE_INFINITY,
  streams: Number.POSITIVE_INFINITY,
  bytes: Number.POSITIVE_INFINITY,
  order_bytes: Number.POSITIVE_INFINITY,
  processor: Number.POSITIVE_INFINITY,
  openings: Number.POSITIVE_INFINITY,
};

interface Words {
  readonly what: string;
  readonly setting: string;
  readonly retryAfterMs: number;
  readonly advice: string;
}

/** Nobody knows when a call or a stream ends; a program that asks so often costs little. */
const WORDS: Readonly<Record<Held, Words>> = {
  calls: {
    what: "calls under way",
    setting: "CALLS_PER_CALLER",
    retryAfterMs: 1_000,
    advice: "wait until one has ended",
  },
  orders: {
    what: "orders under way",
    setting: "ORDERS_PER_CALLER",
    retryAfterMs: 1_000,
    advice: "wait until one has ended",
  },
  streams: {
    what: "open streams",
    setting: "STREAMS_PER_CALLER",
    retryAfterMs: 5_000,
    advice: "close one",
  },
  bytes: {
    what: "bytes of requests in flight",
    setting: "BYTES_PER_CALLER",
    retryAfterMs: 1_000,
    advice: "send less at a time",
  },
  order_bytes: {
    what: "bytes of orders in flight",
    setting: "BYTES_PER_CALLER",
    retryAfterMs: 1_000,
    advice: "send less at a time",
  },
};

const TIMED_WORDS: Readonly<Record<Timed, { readonly what: string; readonly advice: string }>> = {
  processor: { what: "processor time a minute", advice: "ask for less" },
  openings: { what: "processor time a minute for opening streams", advice: "keep streams open" },
};

/**
 * Least wait that a caller without processor time is told: an answer to each ms of it would cost
 * more than the calls.
 */
const LEAST_WAIT_MS = 1_000;

/** What one caller uses, of what it may. */
export class Account {
  readonly #limits: Limits;
  readonly #name: string;
  readonly #held = { calls: 0, orders: 0, streams: 0, bytes: 0, order_bytes: 0 };
  readonly #times: Readonly<Record<Timed, UsedTime>>;

  constructor(name: string, limits: Limits) {
    this.#name = name;
    this.#limits = limits;
    this.#times = { processor: new UsedTime(limits.processor), openings: new UsedTime(limits.openings) };
  }

  /** Takes one, or so many, or throws as `expect` does. */
  take(budget: Held, count = 1): void {
    this.expect(budget, count);
    this.#held[budget] += count;
  }

  /** Throws `resource_exhausted` where so many more would be more than the caller may have. */
  expect(budget: Held, count: number): void {
    const used = this.#held[budget];
    const most = this.#limits[budget];
    if (used + count > most) {
      const { what, setting, retryAfterMs, advice } = WORDS[budget];
      const more = count > 1 ? ` and would have ${count} more` : "";
      const message = `${this.#name} has ${used} of ${most} ${what}${more}, which is ${setting}: ${advice}, or come back in ${retryAfterMs / 1_000} s`;
      throw new RuntimeError("resource_exhausted", message, { retryAfterMs });
    }
  }

  /** Gives so many back; each once that was taken. */
  give(budget: Held, count = 1): void {
    this.#held[budget] -= count;
  }

  /** Whether there is a limit to its processor time, which is worth measuring then. */
  isTimed(budget: Timed): boolean {
    return Number.isFinite(this.#limits[budget]);
  }

  /**
   * Throws `resource_exhausted` where the caller has used its processor time. `now` is monotonic
   * ms.
   */
  refuseLate(budget: Timed, now: number): void {
    const mostMs = this.#limits[budget];
    const usedMs = this.used(budget, now);
    if (usedMs < mostMs) {
      return;
    }
    const retryAfterMs = Math.ceil(Math.max(this.#times[budget].waitMs(now), LEAST_WAIT_MS) / 1_000) * 1_000;
    const { what, advice } = TIMED_WORDS[budget];
    const message = `${this.#name} has used ${seconds(usedMs)} of ${seconds(mostMs)} s of ${what}, which is PROCESSOR_PER_CALLER: ${advice}, or come back in ${retryAfterMs / 1_000} s`;
    throw new RuntimeError("resource_exhausted", message, { retryAfterMs });
  }

  spend(budget: Timed, ms: number, now: number): void {
    if (this.isTimed(budget)) {
      this.#times[budget].add(ms, now);
    }
  }

  used(budget: Budget, now: number): number {
    if (budget !== "processor" && budget !== "openings") {
      return this.#held[budget];
    }
    return this.isTimed(budget) ? this.#times[budget].used(now) : 0;
  }

  /** The part of a budget that is used: 0 to 1, and above where processor time is owed. */
  usedPart(budget: Budget, now: number): number {
    return this.used(budget, now) / this.#limits[budget];
  }

  /** Whether nothing is used any more: it need not be remembered. */
  isIdle(now: number): boolean {
    return BUDGETS.every((budget) => this.used(budget, now) === 0);
  }
}

/** 20.4 */
function seconds(ms: number): string {
  return String(Math.round(ms / 100) / 10);
}
