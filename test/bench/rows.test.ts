import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { contest } from "../../bench/harness/contest.ts";
import type { Line } from "../../bench/harness/row.ts";
import { tableOf } from "../../bench/harness/table.ts";
import { ROWS } from "../../bench/rows.ts";

/**
 * A tiny row still starts processes and compiles rules; how long that takes is nobody's promise.
 */
const LIMIT_MS = 120_000;

const YARDSTICK = { echoPerSecond: 8_000, insertMs: 10, passMs: 10 };

/** Who must have been measured beside ours; indicators that nobody else has stand alone. */
const RIVALS: Readonly<Record<string, readonly string[]>> = {
  sweep: ["plain judge (20 strategies)", "json-rules-engine (20 strategies)", "zen-engine (20 strategies)"],
  "sweep-core": ["plain judge (30 strategies)", "numpy"],
  "sweep-trees": ["flat strategies", "plain judge (30 trees)"],
  load: ["plain SELECT"],
  evaluate: ["bare grpc-js echo"],
  observed: ["with metrics", "with tracing"],
  "one-shot": ["bare grpc-js stream"],
  "follow-catch-up": ["bare grpc-js stream"],
  indicators: ["trading-signals", "technicalindicators"],
  hostile: ["quiet"],
};

describe("the bench", () => {
  it("has a name of its own for every row", () => {
    const names = ROWS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names).toEqual(expect.arrayContaining(Object.keys(RIVALS)));
  });

  it.each(ROWS.map((row) => [row.name, row] as const))(
    "fills the lines of %s, with counts that all contestants agree on",
    async (name, row) => {
      const lines = await row.run("tiny", YARDSTICK);
      expect(lines.length).toBeGreaterThan(0);
      for (const line of lines) {
        expect(line.void).toBeUndefined();
        expect(line.row).toBe(name);
        expect(Object.keys(line.counts).length).toBeGreaterThan(0);
        expectFigures(line);
      }
      expect(lines[0]?.rivals.map((rival) => rival.name)).toEqual(RIVALS[name] ?? []);
      expect(tableOf(lines).split("\n").length).toBeGreaterThanOrEqual(2 + lines.length);
      expect(JSON.parse(JSON.stringify(lines))).toEqual(lines);
    },
    LIMIT_MS,
  );
});

describe("the row from close to socket", () => {
  it("stands beside a bare pipeline where the journal is in PostgreSQL", { timeout: LIMIT_MS }, async () => {
    const lines = (await ROWS.find(({ name }) => name === "close-to-socket")?.run("tiny", YARDSTICK)) ?? [];
    const [line] = lines.filter(({ what }) => what.includes("PostgreSQL, on every close, p50"));
    expect(line?.rivals.map(({ name }) => name)).toEqual(["bare pipeline"]);
    expect(line?.target?.text).toBe("<= 2.5 × bare pipeline");
    expect(line?.void).toBeUndefined();
  });

  it("counts decisions, and does without PostgreSQL where there is none", { timeout: LIMIT_MS }, async () => {
    vi.stubEnv("POSTGRES_BIN", join(tmpdir(), "no-postgres-here"));
    const said = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    try {
      const lines = await ROWS.find(({ name }) => name === "close-to-socket")?.run("tiny", YARDSTICK);
      expect(lines?.map(({ what }) => what.split(", ").slice(1))).toEqual([
        ["memory journal", "on every close", "p50"],
        ["memory journal", "on every close", "p99"],
        ["memory journal", "on every close", "decisions at most"],
        ["memory journal", "in waves", "p50"],
        ["memory journal", "in waves", "p99"],
        ["memory journal", "in waves", "decisions at most"],
      ]);
      expect(lines?.[0]?.counts.decisions).toBeGreaterThan(0);
      expect(said).toHaveBeenCalledWith(expect.stringMatching(/no lines with PostgreSQL.*no-postgres-here/));
    } finally {
      said.mockRestore();
      vi.unstubAllEnvs();
    }
  });
});

function expectFigures({ what, ours, rivals }: Line): void {
  // Processor time of a short turn may come out as none: the kernel counts it in ticks.
  const least = what.startsWith("longest turn") ? 0 : Number.MIN_VALUE;
  for (const figure of [ours, ...rivals]) {
    expect(figure.rounds).toBeGreaterThan(0);
    expect(figure.median).toBeGreaterThanOrEqual(least);
    expect(figure.least).toBeLessThanOrEqual(figure.median);
    expect(figure.most).toBeGreaterThanOrEqual(figure.median);
  }
  for (const { ratio } of rivals) {
    expect(ratio).toBeGreaterThan(0);
  }
}

describe("a contest", () => {
  const measures = [
    {
      key: "perSecond",
      what: "something",
      unit: "things/s",
      better: "more",
      target: {
        text: ">= 2 × rival",
        kept: (_: number, ratios: ReadonlyMap<string, number>) => (ratios.get("rival") ?? 0) >= 2,
      },
    },
  ] as const;
  const contestant = (name: string, values: readonly number[], counted: number, order: string[] = []) => {
    let round = 0;
    return {
      name,
      async run() {
        order.push(name);
        const perSecond = values[round++ % values.length] ?? 0;
        return { values: { perSecond }, counts: { counted } };
      },
    };
  };

  it("takes medians of five rounds, ratios round by round, and leaves out the first round, which warms up", async () => {
    const ours = contestant("ours", [1_000, 50, 10, 30, 20, 40], 7);
    const rival = contestant("rival", [1, 10, 5, 30, 10, 10], 7);
    const [line] = await contest({ row: "row", measures, ours, rivals: [rival] }, "full");
    expect(line?.ours).toEqual({ median: 30, least: 10, most: 50, rounds: 5 });
    expect(line?.rivals).toEqual([{ name: "rival", median: 10, least: 5, most: 30, rounds: 5, ratio: 2 }]);
    expect(line?.target).toEqual({ text: ">= 2 × rival", kept: true });
    expect(line?.void).toBeUndefined();
  });

  it("lets the contestants run in alternation, every second round in the reverse order", async () => {
    const order: string[] = [];
    const rivals = [contestant("rival", [1], 7, order)];
    await contest({ row: "row", measures, ours: contestant("ours", [1], 7, order), rivals }, "full");
    expect(order.slice(0, 6)).toEqual(["ours", "rival", "rival", "ours", "ours", "rival"]);
    expect(order).toHaveLength(12);
  });

  it("is void, and keeps no target, where a rival counted something else", async () => {
    const ours = contestant("ours", [30], 7);
    const rival = contestant("rival", [10], 8);
    const lines = await contest({ row: "row", measures, ours, rivals: [rival] }, "tiny");
    expect(lines[0]?.void).toBe("rival found in round 0: counted 8, ours 7");
    expect(lines[0]?.target?.kept).toBe(false);
    expect(tableOf(lines)).toContain("VOID row, something: rival found in round 0: counted 8, ours 7");
  });

  it("is void where a rival counted nothing", async () => {
    const rival = { name: "rival", run: async () => ({ values: { perSecond: 1 }, counts: {} }) };
    const lines = await contest({ row: "row", measures, ours: contestant("ours", [30], 7), rivals: [rival] }, "tiny");
    expect(lines[0]?.void).toBe("rival counted nothing in round 0");
  });

  it("is void where ours counted something else in another round", async () => {
    let counted = 0;
    const ours = { name: "ours", run: async () => ({ values: { perSecond: 1 }, counts: { counted: ++counted } }) };
    const lines = await contest({ row: "row", measures, ours, rivals: [] }, "tiny");
    expect(lines[0]?.void).toBe("ours found in round 1: counted 2, ours 1");
  });
});
