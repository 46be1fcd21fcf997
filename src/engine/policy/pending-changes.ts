import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { Policy, PolicyChange } from "../../domain/policy.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Observer } from "../../ports/observer.ts";
import type { PolicyStore } from "../../ports/policy-store.ts";
import { Serial } from "../concurrency/serial.ts";
import { withinLimit } from "../concurrency/time-limit.ts";
import type { Moment } from "./shared-reads.ts";
import { isSafer, strictest } from "./strictest.ts";

/** Wall time until orders that the store did not take are written again. */
const RETRY_MS = 1_000;
/** Wall time after which a write is given up. Stores have limits of their own; this one holds where they fail. */
const WRITE_LIMIT_MS = 10_000;
/** Wall time that the last try may take, at the end. */
const LAST_TRY_MS = 1_000;
const WHAT = "policy orders";

export interface PendingOrdersOptions {
  /** Orders that are held from the beginning. */
  readonly held: readonly PolicyChange[];
  readonly store: PolicyStore;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly now: () => Moment;
  /** The orders that hold before they are written have changed. */
  readonly onChanged: () => void;
  /** The store's answer to an order; resolves once the policy in force is no older than it. */
  readonly onWritten: (policy: Policy, asked: Moment) => Promise<void>;
  /** A write failed, other than of orders that hold and are written again. */
  readonly onFailed: (error: unknown) => void;
}

interface Order {
  readonly change: PolicyChange;
  /** Whether the order holds before the store has it. */
  readonly isHeld: boolean;
}

export interface GivenOrder {
  readonly isHeld: boolean;
  /** Resolves once the store has the order; rejects with why the write failed. An order that is held is then written again. */
  readonly written: Promise<void>;
}

/**
 * Orders on their way to the policy store, one write at a time in the order of their coming. An
 * order that makes trading safer holds from the moment it is given, and is written until the store
 * has it. Any other order is written once, and holds when the store has taken it.
 */
export class PendingOrders {
  readonly #options: PendingOrdersOptions;
  /** Writes have a lane of their own: no read is ever in front of them. */
  readonly #lane = new Serial();
  /** Orders that are held, which the store does not have yet; oldest first. */
  #held: readonly Order[] = [];
  #faulty = false;
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  /** Nothing is written any more: orders of another engine must not find themselves overtaken. */
  #hasEnded = false;

  constructor(options: PendingOrdersOptions) {
    this.#options = options;
    this.#held = options.held.map((change) => ({ change, isHeld: true }));
    if (this.#held.length > 0) {
      this.#faulty = true;
      this.#retryLater();
    }
  }

  /** The policy with the orders that are held laid over it. */
  over(policy: Policy): Policy {
    return this.#held.reduce((stricter, { change }) => strictest(stricter, change), policy);
  }

  /** Takes an order. `inForce`: what it is compared with. */
  give(change: PolicyChange, inForce: Policy): GivenOrder {
    const order: Order = { change, isHeld: isSafer(inForce, change) };
    const before = this.#held;
    if (order.isHeld) {
      this.#hold([...before, order]);
    }
    return { isHeld: order.isHeld, written: this.#lane.run(() => this.#write([...before, order])) };
  }

  /** Tries once more to write what is held; answers with what the store does not have then. */
  async close(): Promise<readonly PolicyChange[]> {
    this.#closed = true;
    this.#cancelRetry?.();
    const held = this.#held;
    if (held.length > 0) {
      const written = this.#lane.run(() => this.#write(held));
      await withinLimit(this.#options.clock, LAST_TRY_MS, "the policy store", written).catch(() => undefined);
    }
    this.#hasEnded = true;
    return this.#held.map(({ change }) => change);
  }

  #hold(orders: readonly Order[]): void {
    this.#held = orders;
    this.#options.onChanged();
  }

  /** Writes the last of these, and those before it that are still held, as one change. */
  async #write(given: readonly Order[]): Promise<void> {
    const last = given.at(-1);
    const orders = given.filter((order) => this.#held.includes(order) || (order === last && !order.isHeld));
    if (orders.length === 0) {
      // Another write took it along.
      return;
    }
    if (this.#hasEnded) {
      throw new RuntimeError("unavailable", "the order was not written, since this engine has ended; give it again");
    }
    const { store, clock, now, onWritten } = this.#options;
    const asked = now();
    const change: PolicyChange = Object.assign({}, ...orders.map((order) => order.change));
    try {
      const policy = await withinLimit(clock, WRITE_LIMIT_MS, "the policy store", store.change(change));
      await onWritten(policy, asked);
    } catch (error) {
      this.#failed(orders, error);
      throw error;
    }
    this.#done(orders);
  }

  #done(orders: readonly Order[]): void {
    this.#hold(this.#held.filter((order) => !orders.includes(order)));
    if (this.#faulty && this.#held.length === 0) {
      this.#faulty = false;
      this.#options.observer.observe({ kind: "recovered", what: WHAT });
    }
  }

  /**
   * A store that could not be asked may have the change, or not: what is held is written again. Any
   * other failure is an answer; what it says of the store is taken before the orders are let go.
   */
  #failed(orders: readonly Order[], error: unknown): void {
    if (!isUnavailable(error)) {
      this.#options.onFailed(error);
      this.#done(orders);
      return;
    }
    if (orders.some(({ isHeld }) => !isHeld)) {
      this.#options.onFailed(error);
    }
    if (this.#held.length === 0) {
      return;
    }
    this.#faulty = true;
    const text = `an order is in force here, and the store does not have it yet: ${errorText(error)}`;
    this.#options.observer.observe({
      kind: "fault",
      what: WHAT,
      error: new RuntimeError("unavailable", text, { cause: error }),
    });
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#closed || this.#cancelRetry !== undefined) {
      return;
    }
    this.#cancelRetry = this.#options.clock.after(RETRY_MS, () => {
      this.#cancelRetry = undefined;
      // The orders held by now: one that is given while this write waits has a write of its own, in its place.
      const held = this.#held;
      this.#lane.run(() => this.#write(held)).catch(() => undefined);
    });
  }
}

export function isUnavailable(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === "unavailable";
}
