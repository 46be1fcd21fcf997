import { describe, expect, it } from "vitest";
import { CatchUpTurns } from "../../../src/engine/streams/catch-up-turns.ts";
import { settled } from "../../manual-clock.ts";

const GOES_ON = new AbortController().signal;

/** Work that ends when it is told to; `begun` has the names of those at work or done, in order. */
function bench(turns: CatchUpTurns) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const run = (name: string, left: number, signal: AbortSignal = GOES_ON) =>
    turns.run(left, signal, () => {
      begun.push(name);
      return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
    });
  const end = async (name: string) => {
    ends.get(name)?.();
    await settled();
  };
  return { begun, run, end };
}

describe("turns", () => {
  it("lets no more than so many work at a time, those with the least left first", async () => {
    const { begun, run, end } = bench(new CatchUpTurns(2));
    const all = [run("a", 9), run("b", 8), run("c", 7), run("d", 1), run("e", 7)];
    await settled();
    expect(begun).toEqual(["a", "b"]);
    await end("b");
    expect(begun).toEqual(["a", "b", "d"]);
    await end("a");
    await end("d");
    expect(begun).toEqual(["a", "b", "d", "c", "e"]);
    await end("c");
    await end("e");
    expect(await Promise.all(all)).toEqual(["a", "b", "c", "d", "e"]);
  });

  it("lets one that is not waited for any more go, and takes no turn for it", async () => {
    const { begun, run, end } = bench(new CatchUpTurns(1));
    const gone = new AbortController();
    void run("a", 1);
    const left = run("b", 1, gone.signal);
    const last = run("c", 2);
    gone.abort();
    expect(await left).toBeUndefined();
    expect(await run("d", 0, gone.signal)).toBeUndefined();
    await end("a");
    expect(begun).toEqual(["a", "c"]);
    await end("c");
    expect(await last).toBe("c");
  });

  it("gives the turn of work that failed to the next", async () => {
    const turns = new CatchUpTurns(1);
    await expect(turns.run(1, GOES_ON, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await turns.run(1, GOES_ON, async () => "next")).toBe("next");
  });
});
