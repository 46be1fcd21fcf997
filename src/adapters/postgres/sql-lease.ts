import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Lease, LeaseStatus } from "../../ports/lease.ts";
import { guarded, isFenced, isInDoubt } from "./faults.ts";
import type { Fence } from "./fence.ts";
import { FREE_LEASE, type LeaseRow, LOOK, RENEW, TAKE } from "./lease-sql.ts";
import type { Queryable } from "./queryable.ts";

/** The lease is renewed this often, or three times in its time where that is shorter. */
const RENEW_MS = 1_000;
/**
 * This process stops deciding so long before others may take the lease; never before half of its
 * time.
 */
const MARGIN_MS = 1_000;
/**
 * A write waits no longer for a new epoch. Whoever asked for it gives up after the limits of the
 * store, and must not be overtaken by a write that has not begun by then.
 */
const WAIT_MS = 1_000;

export interface SqlLeaseOptions {
  /** This process, as no other is called; up to the first blank for people. */
  readonly holder: string;
  /** Where this process serves, for callers of those that wait. */
  readonly address: () => string;
  readonly ttlMs: number;
  /**
   * Nobody else can open the database: the lease is free, whatever its row says, and never ends.
   */
  readonly isSole: boolean;
  readonly clock: Clock;
  /** Another process took the lease: what this one remembers may be other than what is stored. */
  readonly onLost: (error: RuntimeError) => void;
}

/** The lease on a database (R100): a row with an epoch, renewed by the database's clock. */
export interface SqlLease extends Lease, Omit<Fence, "settled"> {
  /**
   * Takes the lease, unless it is held already. Answers why not where another process holds it;
   * fails where that cannot be asked.
   */
  take(): Promise<string | undefined>;
  /** Lets the lease go, so that another process need not wait. Idempotent; never fails. */
  release(): Promise<void>;
  status(): LeaseStatus | undefined;
}

/** The table must be there before `take`. The client stays open. */
export function sqlLease(client: Queryable, options: SqlLeaseOptions): SqlLease {
  const lease = new HeldLease(guarded(client), options);
  return {
    take: () => lease.take(),
    release: () => lease.release(),
    status: () => lease.status(),
    fault: () => lease.fault(),
    settled: () => lease.settled(),
    write: (run) => lease.write(run),
  };
}

class HeldLease {
  readonly #db: Queryable;
  readonly #options: SqlLeaseOptions;
  /** In force, or ended; undefined while this process does not hold the lease. */
  #epoch: number | undefined;
  /** A write of the epoch is in doubt: a new one must be taken. */
  #ended = false;
  /** When the last renewal that succeeded was sent, monotonic. */
  #renewedAt = 0;
  #seen: LeaseRow | undefined;
  /** Why the last beat failed. */
  #why = "";
  #retaking: Promise<number> | undefined;
  #cancelBeat: (() => void) | undefined;

  constructor(db: Queryable, options: SqlLeaseOptions) {
    this.#db = db;
    this.#options = options;
  }

  async take(): Promise<string | undefined> {
    if (this.#epoch !== undefined) {
      await this.settled();
      return undefined;
    }
    const row = await this.#look();
    if (!row.free && row.holder !== this.#options.holder && !this.#options.isSole) {
      return standbyText(row);
    }
    if ((await this.#takeOver(row)) === undefined) {
      return standbyText(await this.#look());
    }
    this.#schedule();
    return undefined;
  }

  async release(): Promise<void> {
    this.#cancelBeat?.();
    await this.#retaking?.catch(() => undefined);
    const epoch = this.#epoch;
    this.#epoch = undefined;
    if (epoch !== undefined) {
      await this.#db.query(FREE_LEASE, [epoch]).catch(() => undefined);
    }
  }

  fault(): string | undefined {
    if (this.#epoch === undefined) {
      return this.#seen === undefined ? "the lease is not taken yet" : standbyText(this.#seen);
    }
    if (this.#ended) {
      return `the fate of a write is unknown, and the lease is not taken anew yet${this.#why}`;
    }
    const age = this.#options.clock.monotonic() - this.#renewedAt;
    return this.#options.isSole || age <= this.#trustedMs
      ? undefined
      : `the lease could not be renewed for ${Math.round(age)} ms${this.#why}`;
  }

  async settled(): Promise<number> {
    if (this.#epoch === undefined) {
      throw new RuntimeError("unavailable", this.fault() ?? "the lease is not held");
    }
    return this.#ended ? await this.#retake() : this.#epoch;
  }

  async write<Result>(run: (epoch: number | null) => Promise<Result>): Promise<Result> {
    const epoch = await this.#settledSoon();
    try {
      return await run(epoch);
    } catch (error) {
      if ((isFenced(error) || isInDoubt(error)) && epoch === this.#epoch) {
        this.#ended = true;
        // At once: until a new epoch is taken, the write may still arrive.
        void this.#beat();
      }
      throw error;
    }
  }

  status(): LeaseStatus | undefined {
    const row = this.#seen;
    return row === undefined
      ? undefined
      : {
          role: this.#epoch === undefined ? "standby" : "active",
          epoch: row.epoch,
          activeAddress: this.#epoch === undefined ? row.address : this.#options.address(),
          ...(!this.#options.isSole && { expiresAt: row.expiresAt }),
        };
  }

  async #settledSoon(): Promise<number> {
    const { promise: over, reject } = Promise.withResolvers<never>();
    const cancel = this.#options.clock.after(WAIT_MS, () =>
      reject(
        new RuntimeError("unavailable", `nothing was written: ${this.fault() ?? "the lease is being taken anew"}`),
      ),
    );
    try {
      return await Promise.race([this.settled(), over]);
    } finally {
      cancel();
    }
  }

  get #trustedMs(): number {
    const { ttlMs } = this.#options;
    return Math.max(ttlMs - MARGIN_MS, ttlMs / 2);
  }

  async #look(): Promise<LeaseRow> {
    const { rows } = await this.#db.query<LeaseRow>(LOOK);
    if (rows[0] === undefined) {
      throw new RuntimeError("unavailable", "the table sg_lease has lost its row: restore it from a backup");
    }
    this.#seen = rows[0];
    return rows[0];
  }

  /** Raises the epoch from what was seen; undefined where another process was first. */
  async #takeOver({ epoch }: LeaseRow): Promise<number | undefined> {
    const { holder, address, ttlMs, isSole, clock } = this.#options;
    const sentAt = clock.monotonic();
    const { rows } = await this.#db.query<LeaseRow>(TAKE, [epoch, holder, address(), ttlMs, isSole]);
    const row = rows[0];
    if (row === undefined) {
      return undefined;
    }
    this.#seen = row;
    this.#epoch = row.epoch;
    this.#ended = false;
    this.#renewedAt = sentAt;
    return row.epoch;
  }

  /** A new epoch in the place of one that ended. One at a time, for all that wait for it. */
  #retake(): Promise<number> {
    this.#retaking ??= this.#takeAnew().finally(() => {
      this.#retaking = undefined;
    });
    return this.#retaking;
  }

  async #takeAnew(): Promise<number> {
    const row = await this.#look();
    if (row.holder !== this.#options.holder) {
      throw this.#lose(row);
    }
    const epoch = await this.#takeOver(row);
    if (epoch === undefined) {
      throw new RuntimeError("unavailable", "the lease was changed while it was taken anew; try again");
    }
    return epoch;
  }

  #lose(row: LeaseRow): RuntimeError {
    const text = `another process took the lease: epoch ${this.#epoch} of this one is over`;
    const error = new RuntimeError("unavailable", `${text}; ${standbyText(row)}`);
    if (this.#epoch !== undefined) {
      this.#epoch = undefined;
      this.#cancelBeat?.();
      this.#options.onLost(error);
    }
    return error;
  }

  /** By the clock, whether the one before has been answered or not: one connection may hang. */
  #schedule(): void {
    this.#cancelBeat?.();
    const { clock, ttlMs, isSole } = this.#options;
    this.#cancelBeat = clock.after(Math.min(RENEW_MS, ttlMs / 3), () => {
      this.#schedule();
      if (!isSole || this.#ended) {
        void this.#beat();
      }
    });
  }

  /** Renews the lease, or takes it anew. What fails is tried again at the next beat. */
  async #beat(): Promise<void> {
    try {
      await (this.#ended ? this.#retake() : this.#renew());
      this.#why = "";
    } catch (error) {
      this.#why = `: ${errorText(error)}`;
    }
  }

  async #renew(): Promise<void> {
    const { address, ttlMs, clock } = this.#options;
    const epoch = this.#epoch;
    const sentAt = clock.monotonic();
    const { rows } = await this.#db.query<LeaseRow>(RENEW, [epoch, address(), ttlMs]);
    if (epoch !== this.#epoch) {
      return;
    }
    if (rows[0] === undefined) {
      this.#ended = true;
      await this.#retake();
    } else {
      this.#seen = rows[0];
      this.#renewedAt = Math.max(this.#renewedAt, sentAt);
    }
  }
}

/** Who is waited for. */
function standbyText({ holder, address }: LeaseRow): string {
  const host = holder.split(" ")[0] || "nobody";
  return `standby: ${host} holds the lease${address === "" ? "" : `; call ${address}`}`;
}
