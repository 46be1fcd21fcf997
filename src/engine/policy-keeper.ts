import { errorText, RuntimeError } from "../domain/errors.ts";
import type { PolicyChange, PolicySnapshot } from "../domain/policy.ts";
import type { Clock } from "../ports/clock.ts";
import type { Observer } from "../ports/observer.ts";
import type { PolicyStore } from "../ports/policy-store.ts";
import { Serial } from "./channel.ts";
import type { PolicyInForce } from "./judging/policy-gates.ts";

/** A change written by others is in force within a second, the read included. */
const POLL_MS = 900;

/** Holds the newest policy snapshot, reads it again every second and on every change, and says when it is too old to be used (R29). */
export class PolicyKeeper {
  readonly #store: PolicyStore;
  readonly #clock: Clock;
  readonly #observer: Observer;
  readonly #maxAgeMs: number;
  /** Reads and changes one after the other, so that an older answer never takes the place of a newer one. */
  readonly #serial = new Serial();
  readonly #stop = new AbortController();
  #snapshot: PolicySnapshot | undefined;
  #allowed: ReadonlySet<string> = new Set();
  #readAtMonotonic = 0;
  #fault = "it has not been read yet";
  #faulty = false;
  #cancelPoll: (() => void) | undefined;

  constructor(store: PolicyStore, clock: Clock, observer: Observer, maxAgeMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#observer = observer;
    this.#maxAgeMs = maxAgeMs;
  }

  /** The newest snapshot read, however old. */
  get snapshot(): PolicySnapshot | undefined {
    return this.#snapshot;
  }

  /** The policy to judge under now, or why there is none. */
  inForce(): PolicyInForce {
    const age = this.#clock.monotonic() - this.#readAtMonotonic;
    if (this.#snapshot === undefined) {
      return { fault: this.#fault };
    }
    if (this.#faulty && age > this.#maxAgeMs) {
      return { fault: `${this.#fault}; the last snapshot is ${Math.round(age / 1000)} s old` };
    }
    if (age > this.#maxAgeMs) {
      return { fault: `the last snapshot is ${Math.round(age / 1000)} s old, more than ${this.#maxAgeMs / 1000} s` };
    }
    return { policy: this.#snapshot, allowed: this.#allowed };
  }

  /** Reads once, then keeps reading. The first read may fail: there is no policy then until one succeeds. */
  async start(): Promise<void> {
    await this.read().catch(() => undefined);
    this.#schedule();
    void this.#watch();
  }

  /** Reads the store now. */
  read(): Promise<PolicySnapshot> {
    return this.#serial.run(() => this.#take(() => this.#store.read()));
  }

  /** Changes the store; in force for every evaluation that starts after it resolves. */
  change(change: PolicyChange): Promise<PolicySnapshot> {
    return this.#serial.run(() => this.#take(() => this.#store.change(change)));
  }

  close(): void {
    this.#stop.abort();
    this.#cancelPoll?.();
  }

  async #take(read: () => ReturnType<PolicyStore["read"]>): Promise<PolicySnapshot> {
    // A snapshot is as old as the moment before it was asked for.
    const readAt = this.#clock.now();
    const monotonic = this.#clock.monotonic();
    try {
      const policy = await read();
      this.#snapshot = { ...policy, readAt };
      this.#allowed = new Set(policy.allowedStrategies);
      this.#readAtMonotonic = monotonic;
      if (this.#faulty) {
        this.#faulty = false;
        this.#observer.observe({ kind: "recovered", what: "policy" });
      }
      return this.#snapshot;
    } catch (error) {
      this.#faulty = true;
      this.#fault = errorText(error);
      if (error instanceof RuntimeError && error.code === "failed_precondition") {
        // The store was reached and holds what cannot be read: the snapshot before it says nothing any more (R29).
        this.#snapshot = undefined;
      }
      this.#observer.observe({ kind: "fault", what: "policy", error });
      throw error;
    }
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
