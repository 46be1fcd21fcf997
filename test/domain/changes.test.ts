import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { createChanges } from "../../src/domain/changes.ts";

function watching(changes: ReturnType<typeof createChanges>, signal = new AbortController().signal) {
  return changes.watch(signal)[Symbol.asyncIterator]();
}

describe("createChanges", () => {
  it("wakes every waiter", async () => {
    const changes = createChanges();
    const steps = [watching(changes).next(), watching(changes).next()];
    changes.notify();
    expect(await Promise.all(steps)).toEqual([
      { done: false, value: undefined },
      { done: false, value: undefined },
    ]);
  });

  it("keeps changes from the call on for a waiter that has not asked yet, as one", async () => {
    const changes = createChanges();
    const controller = new AbortController();
    const waiter = watching(changes, controller.signal);
    changes.notify();
    changes.notify();
    expect((await waiter.next()).done).toBe(false);
    const second = waiter.next();
    controller.abort();
    expect((await second).done).toBe(true);
  });

  it("ends with the signal at once, even where a change is left", async () => {
    const changes = createChanges();
    const controller = new AbortController();
    const waiter = watching(changes, controller.signal);
    changes.notify();
    controller.abort();
    expect((await waiter.next()).done).toBe(true);
    expect((await watching(changes, controller.signal).next()).done).toBe(true);
  });

  it("ends those that watch and those that come later", async () => {
    const changes = createChanges();
    const before = watching(changes).next();
    changes.end();
    changes.end();
    changes.notify();
    expect((await before).done).toBe(true);
    expect((await watching(changes).next()).done).toBe(true);
  });

  it("leaves the signal without listeners once a waiter goes", async () => {
    const changes = createChanges();
    const { signal } = new AbortController();
    const steps = changes.watch(signal);
    changes.notify();
    for await (const _ of steps) {
      break;
    }
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
