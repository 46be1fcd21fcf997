import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BUDGETS, type Budget, type Timed } from "../../../src/rpc/budgets/account.ts";
import { Budgets, type CallerBytes } from "../../../src/rpc/budgets/budgets.ts";
import { type Caller, callerOf } from "../../../src/rpc/budgets/caller.ts";
import type { Lane } from "../../../src/rpc/budgets/lanes.ts";
import type { Share } from "../../../src/rpc/budgets/share.ts";

const LANES: readonly Lane[] = ["order", "read", "costly", "signals", "stream"];
const LIMITS = { calls: 3, orders: 2, streams: 2, bytes: 1_000, order_bytes: 500, processor: 1_000, openings: 1_000 };
const CALLERS = [0, 1, 2] as const;
const MINUTE_MS = 60_000;
const callerNumber = (who: number): Caller =>
  callerOf({ name: `caller-${who}`, role: "viewer" }, "", { mustBeKnown: true });

const who = fc.constantFrom(...CALLERS);
const lane = fc.constantFrom(...LANES);
const step = fc.oneof(
  fc.record({ do: fc.constant("open" as const), who, lane }),
  fc.record({ do: fc.constant("hold" as const), which: fc.nat() }),
  fc.record({ do: fc.constant("release" as const), which: fc.nat() }),
  fc.record({ do: fc.constant("spend" as const), which: fc.nat() }),
  fc.record({ do: fc.constant("send" as const), who, lane, count: fc.integer({ min: 0, max: 600 }) }),
  fc.record({ do: fc.constant("answer" as const), which: fc.nat() }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 30_000 }) }),
);

interface OpenCall {
  readonly who: number;
  readonly budget: Budget;
  /** By which its processor time goes. */
  readonly timed: Timed | undefined;
  readonly share: Share;
  holders: number;
}

interface Sent {
  readonly who: number;
  readonly budget: Budget;
  readonly bytes: CallerBytes;
  readonly count: number;
}

/** Budgets, and a second count of them that sums up what is open whenever it is asked. */
class Books {
  readonly budgets: Budgets = new Budgets({ limits: LIMITS, now: () => this.#now });
  readonly #open: OpenCall[] = [];
  readonly #sent: Sent[] = [];
  readonly #owed = { processor: [0, 0, 0], openings: [0, 0, 0] };
  #now = 0;

  take(one: typeof step extends fc.Arbitrary<infer S> ? S : never): void {
    switch (one.do) {
      case "open":
        this.#call(one.who, one.lane);
        break;
      case "send":
        this.#send(one.who, one.lane, one.count);
        break;
      case "answer":
        this.#answer(one.which);
        break;
      case "wait":
        this.#wait(one.ms);
        break;
      default: {
        const call = this.#open[one.which % Math.max(this.#open.length, 1)];
        if (call !== undefined) {
          this.#change(call, one.do);
        }
      }
    }
  }

  used(caller: number, budget: Budget): number {
    if (budget === "processor" || budget === "openings") {
      return this.#owed[budget][caller] ?? 0;
    }
    const calls = this.#open.filter((call) => call.who === caller && call.budget === budget).length;
    const sent = this.#sent.filter((one) => one.who === caller && one.budget === budget);
    return sent.reduce((sum, { count }) => sum + count, calls);
  }

  end(): void {
    for (const { share, holders } of this.#open.splice(0)) {
      for (let held = 0; held < holders; held++) {
        share.release();
      }
    }
    while (this.#sent.length > 0) {
      this.#answer(0);
    }
  }

  forget(): void {
    this.#wait(MINUTE_MS * (1 + Math.max(...this.#owed.processor, ...this.#owed.openings) / LIMITS.processor));
  }

  #call(caller: number, lane: Lane): void {
    const budget = lane === "order" ? "orders" : lane === "read" || lane === "costly" ? "calls" : "streams";
    const timed = lane === "costly" ? "processor" : lane === "signals" || lane === "stream" ? "openings" : undefined;
    const isLate = timed !== undefined && this.used(caller, timed) >= LIMITS[timed];
    const admit = () => this.budgets.admit(callerNumber(caller), lane);
    if (isLate || this.used(caller, budget) >= LIMITS[budget]) {
      expect(admit).toThrow(isLate ? "PROCESSOR_PER_CALLER" : `${budget.toUpperCase()}_PER_CALLER`);
    } else {
      this.#open.push({ who: caller, budget, timed, share: admit(), holders: 1 });
    }
  }

  #change(call: OpenCall, what: "hold" | "release" | "spend"): void {
    if (what === "hold") {
      call.share.hold();
      call.holders++;
    } else if (what === "spend") {
      call.share.spend(100);
      if (call.timed !== undefined) {
        this.#owed[call.timed][call.who] = this.used(call.who, call.timed) + 100;
      }
    } else {
      call.share.release();
      call.holders--;
      if (call.holders === 0) {
        this.#open.splice(this.#open.indexOf(call), 1);
      }
    }
  }

  #send(caller: number, lane: Lane, count: number): void {
    const budget = lane === "order" ? "order_bytes" : "bytes";
    const bytes = this.budgets.bytes(callerNumber(caller), lane === "order");
    if (this.used(caller, budget) + count > LIMITS[budget]) {
      expect(() => bytes.expect(count)).toThrow("BYTES_PER_CALLER");
      expect(() => bytes.take(count)).toThrow("BYTES_PER_CALLER");
    } else {
      bytes.expect(count);
      bytes.take(count);
      this.#sent.push({ who: caller, budget, bytes, count });
    }
  }

  #answer(which: number): void {
    const [answered] = this.#sent.splice(which % Math.max(this.#sent.length, 1), 1);
    answered?.bytes.give(answered.count);
  }

  #wait(ms: number): void {
    this.#now += ms;
    for (const caller of CALLERS) {
      for (const timed of ["processor", "openings"] as const) {
        this.#owed[timed][caller] = Math.max(0, this.used(caller, timed) - (ms * LIMITS[timed]) / MINUTE_MS);
      }
    }
  }
}

describe("the books of the budgets", () => {
  it("hold for any order of taking and giving: never below nothing, never above the most, and nothing is left", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const books = new Books();
        const { budgets } = books;
        const agree = () => {
          for (const budget of BUDGETS) {
            const most = Math.max(...CALLERS.map((caller) => books.used(caller, budget)));
            expect(budgets.mostUsed(budget), budget).toBeCloseTo(most / LIMITS[budget], 6);
          }
        };
        for (const one of steps) {
          books.take(one);
          agree();
        }
        books.end();
        agree();
        books.forget();
        // Who owed nothing at the end of its last call is forgotten; others are once they come
        // again.
        for (const caller of CALLERS) {
          budgets.admit(callerNumber(caller), "read").release();
        }
        expect(budgets.callers).toBe(0);
      }),
    );
  });

  it("do not grow with callers that have come and gone", () => {
    let now = 0;
    const budgets = new Budgets({ limits: LIMITS, now: () => now });
    for (let count = 0; count < 5_000; count++) {
      const caller = callerOf(undefined, `198.51.${count >> 8}.${count & 255}:1`, { mustBeKnown: false });
      const share = budgets.admit(caller, "costly");
      share.spend(1);
      share.release();
      now += 100;
    }
    expect(budgets.callers).toBeLessThanOrEqual(1_001);
  });
});
