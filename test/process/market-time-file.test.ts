import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { keepMarketTime, keptMarketTime } from "../../src/process/market-time-file.ts";
import { ManualClock } from "../manual-clock.ts";

function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), "market-time-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

describe("the market time of a data folder", () => {
  it("is never behind what was said before a crash", () => {
    const directory = folder();
    const clock = new ManualClock(1_000);
    const market = { now: () => clock.now() * 60 };
    const stop = keepMarketTime(directory, market, clock);
    onTestFinished(stop);
    for (let i = 0; i < 50; i++) {
      clock.advance(170);
      expect(keptMarketTime(directory)).toBeGreaterThanOrEqual(i < 6 ? 60_000 : market.now());
    }
  });

  it("is where it was after an orderly end, and not noted any more", () => {
    const directory = folder();
    const clock = new ManualClock(1_000);
    const stop = keepMarketTime(directory, { now: () => clock.now() }, clock);
    clock.advance(1_234);
    stop();
    expect(keptMarketTime(directory)).toBe(2_234);
    clock.advance(5_000);
    expect(keptMarketTime(directory)).toBe(2_234);
  });

  it("is unknown where none was noted, or what was noted is no time", () => {
    const directory = folder();
    expect(keptMarketTime(directory)).toBe(0);
    writeFileSync(join(directory, "market-time"), "yesterday");
    expect(keptMarketTime(directory)).toBe(0);
  });

  it("does not stop the service where the folder is gone", () => {
    const directory = folder();
    const clock = new ManualClock(0);
    keepMarketTime(directory, { now: () => clock.now() }, clock);
    rmSync(directory, { recursive: true });
    expect(() => clock.advance(2_000)).not.toThrow();
  });
});
