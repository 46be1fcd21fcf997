import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { Policy, PolicyChange } from "../../domain/policy.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Observer } from "../../ports/observer.ts";
import type { PolicyStore } from "../../ports/policy-store.ts";
import { Serial } from "../concurrency/serial.ts";
import { withinLimit } from "../concurrency/time-limit.ts";
import type { Moment } from "./shared-reads.ts";
import { isSafer, strictest } from "./strictest.ts";

/** Wall time until changes that the store did not take are written again. */
const RETRY_MS = 1_000;
/**
 * Wall time after which a write is given up. Stores have limits of their own; this one holds where
 * they fail.
 */
const WRITE_LIMIT_MS = 10_000;
/** Wall time that the last try may take, at the end. */
const LAST_TRY_MS = 1_000;
const WHAT = "policy orders";

export interface PendingChangesOptions {
  /** Changes that are held from the beginning. */
  readonly held: readonly PolicyChange[];
  readonly store: PolicyStore;
  readonly clock: Clock;
  readonly observer: Observer;
  readonly now: () => Moment;
  /** The changes that hold before they are written have changed. */
  readonly onChanged: () => void;
  /** The store's answer to a change; resolves once the policy in force is no older than it. */
  readonly onWritten: (policy: Policy, asked: Moment) => Promise<void>;
  /** A write failed, other than of changes that hold and are written again. */
  readonly onFailed: (error: unknown) => void;
}

interface PendingChange {
  readonly change: PolicyChange;
  /** Whether the change holds before the store has it. */
  readonly isHeld: boolean;
}

export interface GivenChange {
  readonly isHeld: boolean;
  /**
   * Resolves once the store has the change; rejects with why the write failed. A change that is
   * held is then written again.
   */
  readonly written: Promise<void>;
}

/**
 * Changes on their way to the policy store, one write at a time in the order of their coming. An
 * change that makes trading safer holds from the moment it is given, and is written until the store
 * has it. Any other change is written once, and holds when the store has taken it.
 */
export class PendingChanges {
  readonly #options: PendingChangesOptions;
  /** Writes have a lane of their own: no read is ever in front of them. */
  readonly #lane = new Serial();
  /** Changes that are held, which the store does not have yet; oldest first. */
  #held: readonly PendingChange[] = [];
  #faulty = false;
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  /** Nothing is written any more: changes of another engine must not find themselves overtaken. */
  #hasEnded = false;

  constructor(options: PendingChangesOptions) {
    this.#options = options;
    this.#held = options.held.map((change) => ({ change, isHeld: true }));
    if (this.#held.length > 0) {
      this.#faulty = true;
      this.#retryLater();
    }
  }

  /** The policy with the changes that are held laid over it. */
  over(policy: Policy): Policy {
    return this.#held.reduce((stricter, { change }) => strictest(stricter, change), policy);
  }

  /** Takes a change. `inForce`: what it is compared with. */
  give(change: PolicyChange, inForce: Policy): GivenChange {
    const pending: PendingChange = { change, isHeld: isSafer(inForce, change) };
    const before = this.#held;
    if (pending.isHeld) {
      this.#hold([...before, pending]);
    }
    return { isHeld: pending.isHeld, written: this.#lane.run(() => this.#write([...before, pending])) };
  }

  /** Tries once more to write what is held; answers with what the store does not have then. */
  async stop(): Promise<readonly PolicyChange[]> {
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

  #hold(changes: readonly PendingChange[]): void {
    this.#held = changes;
    this.#options.onChanged();
  }

  /** Writes the last of these, and those before it that are still held, as one change. */
  async #write(given: readonly PendingChange[]): Promise<void> {
    const last = given.at(-1);
    const changes = given.filter((pending) => this.#held.includes(pending) || (pending === last && !pending.isHeld));
    if (changes.length === 0) {
      // Another write took it along.
      return;
    }
    if (this.#hasEnded) {
      throw new RuntimeError("unavailable", "the order was not written, since this engine has ended; give it again");
    }
    const { store, clock, now, onWritten } = this.#options;
    const asked = now();
    const change: PolicyChange = Object.assign({}, ...changes.map((pending) => pending.change));
    try {
      const policy = await withinLimit(clock, WRITE_LIMIT_MS, "the policy store", store.change(change));
      await onWritten(policy, asked);
    } catch (error) {
      this.#failed(changes, error);
      throw error;
    }
    this.#done(changes);
  }

  #done(changes: readonly PendingChange[]): void {
    this.#hold(this.#held.filter((pending) => !changes.includes(pending)));
    if (this.#faulty && this.#held.length === 0) {
      this.#faulty = false;
      this.#options.observer.observe({ kind: "recovered", what: WHAT });
    }
  }

  /**
   * A store that could not be asked may have the change, or not: what is held is written again. Any
   * other failure is an answer; what it says of the store is taken before the changes are let go.
   */
  #failed(changes: readonly PendingChange[], error: unknown): void {
    if (!isUnavailable(error)) {
      this.#options.onFailed(error);
      this.#done(changes);
      return;
    }
    if (changes.some(({ isHeld }) => !isHeld)) {
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
      // The changes held by now: one that is given while this write waits has a write of its own,
      // in its place.
      const held = this.#held;
      this.#lane.run(() => this.#write(held)).catch(() => undefined);
    });
  }
}

export function isUnavailable(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === "unavailable";
}
