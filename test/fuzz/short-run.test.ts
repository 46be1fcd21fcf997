import { describe, expect, it } from "vitest";
import { callOf, type FuzzCall, RPCS } from "../../fuzz/call.ts";
import { memoryFault } from "../../fuzz/memory-limit.ts";
import { fuzz } from "../../fuzz/run.ts";
import { Tally } from "../../fuzz/tally.ts";

const MIB = 2 ** 20;

describe("a short run of npm run fuzz", () => {
  it("finds nothing, whatever its seed", { timeout: 240_000 }, async () => {
    const seed = Number(process.env.PROPERTY_SEED) % 1_000_000_000;
    console.log(`fuzzed with seed ${seed}`);
    const { calls, faults, text } = await fuzz({ seed, calls: 4_000 });
    expect(faults, text).toEqual([]);
    expect(calls).toBe(4_000);
  });
});

describe("the calls of a run", () => {
  it("are the same for the same seed, and others for another", () => {
    const bodies = (seed: number) => Array.from({ length: 50 }, (_, i) => callOf(seed, i).body.toString("latin1"));
    expect(bodies(7)).toEqual(bodies(7));
    expect(bodies(7)).not.toEqual(bodies(8));
  });

  it("are of all rpcs and carriers", () => {
    const calls = Array.from({ length: 3_000 }, (_, i) => callOf(1, i));
    expect(new Set(calls.map(({ rpc }) => rpc))).toEqual(new Set([...RPCS, "bytes"]));
    expect(new Set(calls.map(({ carrier }) => carrier)).size).toBe(6);
  });
});

describe("a run finds", () => {
  const call = (number: number, rpc = "PolicyService/GetPolicy"): FuzzCall => ({ ...callOf(1, number), rpc });

  it.each(["INTERNAL", "UNKNOWN", "NO ANSWER", "HTTP 500", "RESET 2", "LOST ECONNRESET"])("the answer %s", (code) => {
    const tally = new Tally();
    tally.add(call(1), { code: "OK" });
    tally.add(call(2), { code, message: "what was said" });
    expect(tally.faults()).toEqual([
      expect.stringMatching(`^call 2, PolicyService/GetPolicy .*: ${code} what was said$`),
    ]);
  });

  it("nothing in refusals that are the caller's fault", () => {
    const tally = new Tally();
    for (const code of ["INVALID_ARGUMENT", "UNIMPLEMENTED", "RESOURCE_EXHAUSTED", "HTTP 415", "LEFT", "CLOSED"]) {
      tally.add(call(1), { code });
    }
    expect(tally.faults()).toEqual([]);
  });

  it("rpcs that were never served", () => {
    const tally = new Tally();
    tally.add(call(1, "A/Served"), { code: "OK" });
    tally.add(call(2, "A/Refused"), { code: "INVALID_ARGUMENT" });
    expect(tally.neverServed(["A/Served", "A/Refused", "A/NeverCalled"])).toEqual(["A/Refused", "A/NeverCalled"]);
  });

  it("memory that is not given back, beyond what decisions take that are kept", () => {
    const before = { heap: 100 * MIB, buffers: 0, resident: 400 * MIB, decisions: 10 };
    expect(memoryFault(before, { ...before, heap: 115 * MIB })).toEqual([]);
    expect(memoryFault(before, { ...before, heap: 120 * MIB })).toEqual(["the heap grew from 100.0 MiB to 120.0 MiB"]);
    expect(memoryFault(before, { ...before, heap: 120 * MIB, decisions: 2_000 })).toEqual([]);
    expect(memoryFault(before, { ...before, resident: 700 * MIB })).toEqual([
      "resident memory grew from 400.0 MiB to 700.0 MiB",
    ]);
  });
});
