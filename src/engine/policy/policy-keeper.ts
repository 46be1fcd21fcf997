import { errorText, RuntimeError } from "../../domain/errors.ts";
import {
  DEFAULT_POLICY,
  type Policy,
  type PolicyChange,
  type PolicySnapshot,
  samePolicy,
} from "../../domain/policy.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Observer } from "../../ports/observer.ts";
import type { PolicyStore } from "../../ports/policy-store.ts";
import type { ChangedPolicy } from "../api.ts";
import { withinLimit } from "../concurrency/time-limit.ts";
import type { PolicyInForce } from "../rules/gates/gate.ts";
import { isUnavailable, PendingChanges } from "./pending-changes.ts";
import { type Moment, SharedReads } from "./shared-reads.ts";

/** A change written by others is in force within a second, the read included. */
const POLL_MS = 900;
/**
 * Wall time after which a change that holds here already is answered, though the store does not
 * have it yet.
 */
const PENDING_AFTER_MS = 1_000;
/**
 * The process may stand still again during a read; more often in a row than this it is not
 * believed.
 */
const MOST_READS_AT_ONCE = 3;

/**
 * Holds the newest policy snapshot, reads it again every second and on every change, and says when
 * it is too old to be used (R29). A change that makes trading safer is in force before the store is
 * asked, and until the store has answered.
 */
export class PolicyKeeper {
  readonly #store: PolicyStore;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #maxAgeMs: number;
  readonly #reads: SharedReads<Policy>;
  readonly #pending: PendingChanges;
  readonly #stop = new AbortController();
  /** The newest answer of the store. */
  #stored: Policy | undefined;
  /**
   * That answer under the changes that the store does not have yet; one object until a part
   * changes.
   */
  #effective: Policy | undefined;
  #allowed: ReadonlySet<string> = new Set();
  #askedAt: Moment = { at: 0, monotonic: 0, reads: 0 };
  #fault = "it has not been read yet";
  #faulty = false;
  #cancelPoll: (() => void) | undefined;

  /** `unwritten`: in force from the start, though the store does not have them. */
  constructor(
    store: PolicyStore,
    clock: Clock,
    observer: Observer,
    maxAgeMs: number,
    unwritten: readonly PolicyChange[] = [],
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#observer = observer;
    this.#maxAgeMs = maxAgeMs;
    this.#reads = new SharedReads(
      () => store.read(),
      (policy, asked) => this.#take(policy, asked),
      clock,
    );
    this.#pending = new PendingChanges({
      held: unwritten,
      store,
      clock,
      observer,
      now: () => this.#reads.now(),
      onChanged: () => this.#refresh(),
      onWritten: (policy, asked) => this.#takeWritten(policy, asked),
      onFailed: (error) => this.#noteFault(error),
    });
  }

  /** The policy that was in force last, however old. */
  get snapshot(): PolicySnapshot | undefined {
    return this.#effective && { ...this.#effective, readAt: this.#askedAt.at };
  }

  /**
   * The policy to judge under, or why there is none. Where the last snapshot is too old though no
   * read of it has failed, the process stood still: the store is asked first.
   */
  async current(): Promise<PolicyInForce> {
    for (let read = 0; read < MOST_READS_AT_ONCE && this.#hasStoodStill(); read++) {
      await this.read().catch(() => undefined);
    }
    return this.inForce();
  }

  /** As `current`, at once. Equal policies are the same object. */
  inForce(): PolicyInForce {
    const age = this.#age();
    if (this.#effective === undefined) {
      return { fault: this.#fault };
    }
    if (this.#faulty && age > this.#maxAgeMs) {
      return { fault: `${this.#fault}; the last snapshot is ${Math.round(age / 1000)} s old` };
    }
    if (age > this.#maxAgeMs) {
      return { fault: `the last snapshot is ${Math.round(age / 1000)} s old, more than ${this.#maxAgeMs / 1000} s` };
    }
    return { policy: this.#effective, allowed: this.#allowed };
  }

  /**
   * Reads once, then keeps reading. The first read may fail: there is no policy then until one
   * succeeds.
   */
  async start(): Promise<void> {
    await this.read().catch(() => undefined);
    this.#schedule();
    void this.#watch();
  }

  /** Reads the store now; whoever asks during a read shares the next one. */
  async read(): Promise<PolicySnapshot> {
    try {
      await this.#reads.read();
    } catch (error) {
      this.#noteFault(error);
      throw error;
    }
    return this.#answer();
  }

  /**
   * Changes the policy; in force for every evaluation that starts after it resolves. A change that
   * makes trading safer is in force from this call on, whatever becomes of its write.
   */
  async change(change: PolicyChange): Promise<ChangedPolicy> {
    const { isHeld, written } = this.#pending.give(change, this.#effective ?? DEFAULT_POLICY);
    try {
      await (isHeld ? withinLimit(this.#clock, PENDING_AFTER_MS, "the policy store", written) : written);
      return { policy: this.#answer(), pending: false };
    } catch (error) {
      if (isHeld && isUnavailable(error)) {
        return { policy: this.snapshot ?? this.#pending.over(DEFAULT_POLICY), pending: true };
      }
      throw error;
    }
  }

  /** Answers with the changes that are in force here and that the store does not have. */
  async stop(): Promise<readonly PolicyChange[]> {
    this.#stop.abort();
    this.#cancelPoll?.();
    return await this.#pending.stop();
  }

  /** Since the question that the last snapshot answered was put. */
  #age(): number {
    return this.#clock.monotonic() - this.#askedAt.monotonic;
  }

  #hasStoodStill(): boolean {
    return this.#effective !== undefined && !this.#faulty && this.#age() > this.#maxAgeMs;
  }

  #answer(): PolicySnapshot {
    if (this.snapshot === undefined) {
      throw new RuntimeError("unavailable", `there is no policy: ${this.#fault}`);
    }
    return this.snapshot;
  }

  /**
   * Where a read was answered during a write, nobody knows which of both answers is newer: the
   * store is asked once more.
   */
  async #takeWritten(policy: Policy, asked: Moment): Promise<void> {
    this.#reads.outdate();
    if (asked.reads === this.#reads.now().reads) {
      this.#take(policy, asked);
    } else {
      await this.#reads.read().catch(() => this.#take(policy, asked));
    }
  }

  #take(policy: Policy, asked: Moment): void {
    this.#stored = policy;
    this.#askedAt = asked;
    this.#refresh();
    if (this.#faulty) {
      this.#faulty = false;
      this.#observer.observe({ kind: "recovered", what: "policy" });
    }
  }

  /** Lays the changes that the store does not have over what it said last. */
  #refresh(): void {
    const next = this.#stored && this.#pending.over(this.#stored);
    if (next === undefined || this.#effective === undefined || !samePolicy(next, this.#effective)) {
      this.#effective = next;
      this.#allowed = new Set(next?.allowedStrategies);
    }
  }

  #noteFault(error: unknown): void {
    this.#faulty = true;
    this.#fault = errorText(error);
    if (error instanceof RuntimeError && error.code === "failed_precondition") {
      // The store was reached and holds what cannot be read: what it said before says nothing any
      // more (R29).
      this.#stored = undefined;
      this.#refresh();
    }
    this.#observer.observe({ kind: "fault", what: "policy", error });
  }

  #schedule(): void {
    this.#cancelPoll = this.#clock.after(POLL_MS, () => {
      void this.read()
        .catch(() => undefined)
        .then(() => this.#stop.signal.aborted || this.#schedule());
    });
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        for await (const _ of this.#store.changes(signal)) {
          await this.read().catch(() => undefined);
        }
        return;
      } catch (error) {
        this.#observer.observe({ kind: "fault", what: "policy changes", error });
        await new Promise<void>((resolve) => this.#clock.after(POLL_MS, resolve));
      }
    }
  }
}
