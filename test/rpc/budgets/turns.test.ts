import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { LongWorks } from "../../../src/engine/concurrency/long-work.ts";
import { systemClock } from "../../../src/process/system-clock.ts";
import { type Spender, Turns } from "../../../src/rpc/budgets/turns.ts";

/** A processor whose time passes when the test says so, and what it is charged to. */
function machine() {
  let cpuMs = 0;
  const turns = new Turns(() => cpuMs);
  const spender = () => {
    const spent: number[] = [];
    let holders = 1;
    const one: Spender = {
      get isOver() {
        return holders === 0;
      },
      spend: (ms) => spent.push(ms),
      hold: () => holders++,
      release: () => holders--,
    };
    return { ...one, one, spent, holders: () => holders };
  };
  return { turns, spender, compute: (ms: number) => (cpuMs += ms) };
}

describe("the turns of calls", () => {
  it("last until the loop goes on to other work: promises that follow are part of them", async () => {
    const { turns, spender, compute } = machine();
    const { one, spent, holders } = spender();
    const work = turns.run(one, async () => {
      compute(1);
      await Promise.resolve();
      compute(2);
      for (let count = 0; count < 100; count++) {
        await null;
      }
      compute(4);
    });
    expect(holders()).toBe(2);
    await nextTurn();
    await work;
    compute(100);
    await nextTurn();
    expect([spent, holders()]).toEqual([[7], 1]);
  });

  it("go on after a rest, for whoever rested, and nobody else's timers count", async () => {
    const { turns, spender, compute } = machine();
    const [ann, ben] = [spender(), spender()];
    const clock = turns.clock(systemClock);
    const rest = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
    const work = async (ms: number, wait: number) => {
      await rest(wait);
      compute(ms);
      await rest(0);
      compute(ms);
    };
    await Promise.all([turns.run(ann.one, () => work(1, 0)), turns.run(ben.one, () => work(10, 1)), work(100, 0)]);
    await nextTurn();
    const sum = (spent: readonly number[]) => spent.reduce((all, ms) => all + ms, 0);
    expect([sum(ann.spent), sum(ben.spent)]).toEqual([2, 20]);
  });

  it("are of whoever goes on among long works that rest by turns", async () => {
    const { turns, spender, compute } = machine();
    const works = new LongWorks(turns.clock(systemClock));
    const work = (who: ReturnType<typeof spender>, ms: number) =>
      turns.run(who.one, async () => {
        const long = works.work();
        for (let slice = 0; slice < 5; slice++) {
          await long.rest();
          compute(ms);
        }
      });
    const [ann, ben] = [spender(), spender()];
    await Promise.all([work(ann, 1), work(ben, 10)]);
    await nextTurn();
    const sum = (spent: readonly number[]) => spent.reduce((all, ms) => all + ms, 0);
    expect([sum(ann.spent), sum(ben.spent)]).toEqual([5, 50]);
  });

  it("are shared where several calls have theirs in one", async () => {
    const { turns, spender, compute } = machine();
    const [ann, ben] = [spender(), spender()];
    turns.run(ann.one, () => compute(6));
    turns.run(ben.one, () => compute(4));
    await nextTurn();
    expect([ann.spent, ben.spent]).toEqual([[5], [5]]);
  });

  it("count for nobody once the call is over, whatever it has left running", async () => {
    const { turns, spender, compute } = machine();
    const { one, spent, release } = spender();
    const clock = turns.clock(systemClock);
    const done = Promise.withResolvers<void>();
    turns.run(one, () => {
      clock.after(0, () => {
        compute(50);
        clock.after(0, done.resolve);
      });
    });
    release();
    await Promise.resolve();
    await done.promise;
    await nextTurn();
    expect(spent).toEqual([0]);
  });

  it("are measured by the processor time of this thread", async () => {
    const turns = new Turns();
    const { one, spent } = machine().spender();
    turns.run(one, () => {
      const end = performance.now() + 50;
      while (performance.now() < end) {}
    });
    await nextTurn();
    const [ms = 0] = spent;
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThan(200);
  });

  it("cancel a timer as the clock does", async () => {
    const { turns, spender } = machine();
    const clock = turns.clock(systemClock);
    const { one } = spender();
    let ran = false;
    turns.run(one, () => clock.after(0, () => (ran = true))());
    await nextTurn();
    await nextTurn();
    expect([ran, clock.now() > 0, clock.monotonic() > 0]).toEqual([false, true, true]);
  });
});
