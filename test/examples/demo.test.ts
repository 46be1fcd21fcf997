import { describe, expect, it } from "vitest";
import { printedDecisions } from "./printed-decision.ts";
import { EXAMPLE_LIMIT, runExample, startCommand, startExample } from "./run-example.ts";

/** "  NAME    12,345" under the line that says how many evaluations there were. */
function outcomesIn(output: string): { readonly evaluations: number; readonly counts: ReadonlyMap<string, number> } {
  const evaluations = Number(/out of ([\d,]+) evaluations/.exec(output)?.[1]?.replaceAll(",", ""));
  const rows = output.matchAll(/^ {2}([A-Z_]+) +([\d,]+)$/gm);
  const counts = new Map([...rows].map(([, name = "", count = ""]) => [name, Number(count.replaceAll(",", ""))]));
  return { evaluations, counts };
}

/** Closed, won, lost, USD, by strategy, from the table at the end. */
function tableIn(output: string): ReadonlyMap<string, readonly number[]> {
  const rows = output.matchAll(/^ {2}([a-z0-9_]+) +(\d+) +(\d+) +(\d+) +(-?[\d,.]+) +(?:–|-?[\d.]+ %) +\d+$/gm);
  return new Map([...rows].map(([, id = "", ...cells]) => [id, cells.map((cell) => Number(cell.replaceAll(",", "")))]));
}

/** What was won or lost by closing, in USD, by strategy, from the lines in between. */
function closingsIn(output: string): ReadonlyMap<string, readonly number[]> {
  const lines = [...output.matchAll(/closed (?:LONG|SHORT) \S+ .*: ([+-][\d,.]+) USD \(.*\) {2}(\S+)$/gm)];
  const pnl = lines.map(([, usd = "", id = ""]) => ({ id, usd: Number(usd.replaceAll(",", "")) }));
  return new Map(
    Object.entries(Object.groupBy(pnl, ({ id }) => id)).map(([id, all = []]) => [id, all.map(({ usd }) => usd)]),
  );
}

describe("the demo", EXAMPLE_LIMIT, () => {
  it("ends by itself after --seconds, having printed each decision and accounted for each evaluation", async () => {
    const output = await runExample("examples/demo.ts", "--seconds", "12");

    const decisions = printedDecisions(output);
    const { evaluations, counts } = outcomesIn(output);
    expect(output).toContain("SIMULATED prices of an invented exchange, not the market");
    expect(output).not.toContain("\u001b[");
    expect(decisions.length).toBeGreaterThan(0);
    expect(counts.get("DECIDED")).toBe(decisions.length);
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBe(evaluations);
    for (const { side, entryPrice, stopLoss, takeProfit } of decisions) {
      const away = side === "LONG" ? 1 : -1;
      expect((entryPrice - stopLoss) * away).toBeGreaterThan(0);
      expect((takeProfit - entryPrice) * away).toBeGreaterThan(0);
    }
  });

  it("shows pnl: what the closings say adds up to the table by strategy", async () => {
    const running = startExample("examples/demo.ts");
    await running.says(/closed (LONG|SHORT)/);
    const code = await running.kill("SIGINT");

    const table = tableIn(running.output);
    const closings = closingsIn(running.output);
    expect(code).toBe(0);
    expect(table.size).toBe(8);
    expect(closings.size).toBeGreaterThan(0);
    for (const [id, [closed = -1, wins = -1, losses = -1, usd = Number.NaN]] of table) {
      const pnl = closings.get(id) ?? [];
      expect(closed, id).toBe(pnl.length);
      expect(wins + losses, id).toBeLessThanOrEqual(closed);
      expect(Math.abs(usd - pnl.reduce((sum, one) => sum + one, 0)), id).toBeLessThan(0.01 * (pnl.length + 1));
    }
  });

  it("ends quietly when its reader leaves", async () => {
    const pipe = startCommand("bash", ["-o", "pipefail", "-c", '"$0" examples/demo.ts | head -n 8', process.execPath]);
    expect(await pipe.exit()).toBe(0);
    expect(pipe.output.trimEnd().split("\n")).toHaveLength(8);
  });

  it("refuses a time that is none, in one line", async () => {
    const running = startExample("examples/demo.ts", "--seconds", "soon");
    expect(await running.exit()).toBe(1);
    expect(running.output).toBe('demo: --seconds is "soon", must be a number above 0 and at most 86400\n');
  });
});
