import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadLibrary } from "../../../src/adapters/replay/library.ts";
import type { Timeframe } from "../../../src/domain/timeframe.ts";
import { CHARTS } from "./layouts/charts.ts";
import { EXCHANGES } from "./layouts/exchanges.ts";
import { PROGRAMS } from "./layouts/programs.ts";
import { barsOf } from "./layouts/table.ts";

const LAYOUTS = [...EXCHANGES, ...CHARTS, ...PROGRAMS];

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "layouts-"));
});
afterEach(() => rm(dir, { recursive: true }));

describe("bars as people have them", () => {
  it("are of many layouts", () => {
    expect(new Set(LAYOUTS.map(({ name }) => name)).size).toBe(LAYOUTS.length);
    expect(LAYOUTS.length).toBeGreaterThan(74);
  });

  it.each(LAYOUTS)("are read from $name", async ({ files, series, volume, remarks = [] }) => {
    for (const [name, content] of Object.entries(files)) {
      await writeFile(join(dir, name), content);
    }
    const library = await loadLibrary(dir);
    const read = library.series.map(({ symbol, timeframe, bars }) => [
      `${symbol} ${timeframe}`,
      bars.slice(0, bars.length),
    ]);
    const right = series.map((one) => {
      const bars = barsOf(one.split(" ")[1] as Timeframe);
      return [one, volume === undefined ? bars : bars.map((bar) => ({ ...bar, volume }))];
    });
    expect(read).toEqual(right);
    expect(library.remarks.map(({ kind }) => kind).sort()).toEqual([...remarks].sort());
  });
});
