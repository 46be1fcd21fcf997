import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { memoryPositions } from "../../src/adapters/memory/memory-positions.ts";
import { RuntimeError } from "../../src/domain/errors.ts";
import type { Side } from "../../src/domain/strategy.ts";
import type { ClosedReport, PerformanceStep } from "../../src/engine/api.ts";
import type { PositionBook } from "../../src/ports/position-book.ts";
import { collected, type Rig, startRig, T0 } from "./rig.ts";

function closing(positionId: string, changes: Partial<ClosedReport> = {}): ClosedReport {
  return {
    positionId,
    strategyId: "s",
    symbol: "BTC",
    side: "LONG",
    sizeUsd: 1_000,
    entryPrice: 100,
    openedAt: T0,
    exitPrice: 110,
    closedAt: T0 + 60_000,
    feesUsd: 0,
    ...changes,
  };
}

function opening(positionId: string, changes: Partial<ClosedReport> = {}): ClosedReport {
  const { exitPrice: _, closedAt: __, feesUsd: ___, ...report } = closing(positionId, changes);
  return report;
}

function watch(rig: Rig, resumeToken = "", strategyIds: readonly string[] = []) {
  const controller = new AbortController();
  const steps: PerformanceStep[] = [];
  const read = async () => {
    for await (const step of rig.engine.performance.watch({ strategyIds, resumeToken }, controller.signal)) {
      steps.push(step);
    }
  };
  const done = read().catch(() => undefined);
  return {
    get ids() {
      return steps.flatMap(({ closed }) => closed?.position.positionId ?? []);
    },
    get token() {
      return steps.at(-1)?.resumeToken ?? "";
    },
    steps,
    stop() {
      controller.abort();
      return done;
    },
  };
}

describe("R45: profit and loss", () => {
  it.each([
    ["LONG", 110, 0, { pnl: 100, wins: 1, losses: 0 }],
    ["SHORT", 110, 0, { pnl: -100, wins: 0, losses: 1 }],
    ["LONG", 100, 0, { pnl: 0, wins: 0, losses: 0 }],
    ["LONG", 110, 100, { pnl: 0, wins: 0, losses: 0 }],
    ["SHORT", 90, 150, { pnl: -50, wins: 0, losses: 1 }],
  ] as const)("of a %s that left at %d with %d fees", async (side, exitPrice, feesUsd, wanted) => {
    const rig = await startRig();
    const { performance } = await rig.engine.performance.closed(closing("p", { side, exitPrice, feesUsd }));
    const { totalPnlUsd, wins, losses } = performance;
    expect({ wins, losses }).toStrictEqual({ wins: wanted.wins, losses: wanted.losses });
    expect(totalPnlUsd).toBeCloseTo(wanted.pnl, 9);
  });
});

describe("R46: totals", () => {
  it("are the same for any order and repetition of the reports", async () => {
    const report = fc.record({
      side: fc.constantFrom<Side>("LONG", "SHORT"),
      exitPrice: fc.double({ min: 1, max: 500, noNaN: true }),
      sizeUsd: fc.double({ min: 1, max: 1e6, noNaN: true }),
      feesUsd: fc.double({ min: 0, max: 100, noNaN: true }),
      closedAt: fc.integer({ min: T0, max: T0 + 5 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(report, { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(100), { maxLength: 30 }),
        async (changes, order) => {
          const reports = changes.map((change, i) => closing(`p${i}`, change));
          const [straight, shuffled] = [await startRig(), await startRig()];
          for (const each of reports) {
            await straight.engine.performance.closed(each);
          }
          for (const i of order) {
            await shuffled.engine.performance.closed(reports[i % reports.length] as ClosedReport);
          }
          for (const each of reports.toReversed()) {
            await shuffled.engine.performance.closed(each);
          }
          const wanted = await straight.engine.performance.performance("s");
          expect(await shuffled.engine.performance.performance("s")).toStrictEqual(wanted);
          await straight.stop();
          await shuffled.stop();
        },
      ),
      { numRuns: 40 },
    );
  });

  it("are added up plainly, in order of closing, then id", async () => {
    const rig = await startRig();
    const reports = [
      closing("b", { exitPrice: 90, closedAt: T0 + 10 }),
      closing("a", { exitPrice: 120, closedAt: T0 + 10 }),
      closing("c", { exitPrice: 80, closedAt: T0 + 21, feesUsd: 1 }),
    ];
    for (const report of reports) {
      await rig.engine.performance.closed(report);
    }
    await rig.engine.performance.opened(opening("d"));
    expect(await rig.engine.performance.performance("s")).toStrictEqual({
      strategyId: "s",
      closedPositions: 3,
      wins: 1,
      losses: 2,
      totalPnlUsd: 0.2 * 1_000 + -0.1 * 1_000 + (-0.2 * 1_000 - 1),
      meanPnlPct: (0.2 + -0.1 + -0.2) / 3,
      stdevPnlPct: expect.closeTo(0.2081665999, 9),
      profitFactor: 200 / 301,
      // From the peak at 200 after "a".
      maxDrawdownUsd: 200 - (200 - 100 - 201),
      meanHoldTimeMs: 13,
      openPositions: 1,
      lastClosedAt: T0 + 21,
    });
  });

  it("start afresh at the first position of a period, drawdown included", async () => {
    const rig = await startRig();
    await rig.engine.performance.closed(closing("a", { exitPrice: 200, closedAt: T0 + 1 }));
    await rig.engine.performance.closed(closing("b", { exitPrice: 90, closedAt: T0 + 2 }));
    await rig.engine.performance.closed(closing("c", { exitPrice: 95, closedAt: T0 + 3 }));
    expect(await rig.engine.performance.performance("s", T0 + 2, T0 + 3)).toMatchObject({
      closedPositions: 1,
      maxDrawdownUsd: expect.closeTo(100, 9),
      meanHoldTimeMs: 2,
    });
    const none = await rig.engine.performance.performance("s", T0 + 9);
    expect(none).toStrictEqual({
      strategyId: "s",
      closedPositions: 0,
      wins: 0,
      losses: 0,
      totalPnlUsd: 0,
      meanPnlPct: 0,
      maxDrawdownUsd: 0,
      openPositions: 0,
    });
  });

  it("of a strategy that nobody knows are not_found", async () => {
    const rig = await startRig();
    await expect(rig.engine.performance.performance("s")).rejects.toMatchObject({ code: "not_found" });
    await rig.save("s", "CLOSE > 1");
    expect(await rig.engine.performance.performance("s")).toMatchObject({ closedPositions: 0 });
  });
});

describe("reports", () => {
  it("say nothing twice, and contradict nothing", async () => {
    const { performance } = (await startRig()).engine;
    await performance.opened(opening("p"));
    await expect(performance.opened(opening("p"))).resolves.toMatchObject({ positionId: "p" });
    await expect(performance.opened(opening("p", { entryPrice: 101 }))).rejects.toMatchObject({
      code: "already_exists",
    });
    await performance.closed({ positionId: "p", exitPrice: 110, closedAt: T0 + 1 });
    await performance.closed({ positionId: "p", exitPrice: 110, closedAt: T0 + 1 });
    await performance.closed(closing("p", { closedAt: T0 + 1 }));
    for (const changes of [{ exitPrice: 111 }, { closedAt: T0 + 2 }, { side: "SHORT" as const }, { symbol: "ETH" }]) {
      await expect(performance.closed(closing("p", { closedAt: T0 + 1, ...changes }))).rejects.toMatchObject({
        code: "already_exists",
      });
    }
    // The opening, told again after the closing, opens nothing.
    await performance.opened(opening("p"));
    expect(await performance.performance("s")).toMatchObject({ openPositions: 0, closedPositions: 1 });
  });

  it("of an opening contradict nothing in their fees either, as long as the position is open", async () => {
    const { performance } = (await startRig()).engine;
    await performance.opened({ ...opening("p"), feesUsd: 1 });
    for (const again of [opening("p"), { ...opening("p"), feesUsd: 1 }]) {
      expect(await performance.opened(again)).toMatchObject({ feesUsd: 1 });
    }
    await expect(performance.opened({ ...opening("p"), feesUsd: 2 })).rejects.toMatchObject({ code: "already_exists" });
    await performance.closed(closing("p", { feesUsd: 3 }));
    expect(await performance.opened({ ...opening("p"), feesUsd: 1 })).toMatchObject({ feesUsd: 3 });
  });

  it.each([
    { exitPrice: 1e300, entryPrice: 1e-300 },
    { exitPrice: 1e200, sizeUsd: 1e200 },
  ])("that make an infinite profit are refused (%j), and leave the position open", async (changes) => {
    const { performance } = (await startRig()).engine;
    await performance.opened(opening("p", changes));
    await expect(performance.closed(closing("p", changes))).rejects.toMatchObject({
      code: "invalid",
      violations: [{ field: "position.exit_price" }],
    });
    expect(await performance.performance("s")).toMatchObject({ openPositions: 1, closedPositions: 0 });
  });

  it("are refused with every fault at once", async () => {
    const { performance } = (await startRig()).engine;
    const fields = (report: Promise<unknown>) =>
      report.then(
        () => [],
        (error: RuntimeError) => error.violations.map(({ field }) => field),
      );
    expect(await fields(performance.closed({ positionId: "" }))).toStrictEqual(
      [
        "position_id",
        "exit_price",
        "closed_at",
        "strategy_id",
        "symbol",
        "side",
        "size_usd",
        "entry_price",
        "opened_at",
      ].map((name) => `position.${name}`),
    );
    expect(await fields(performance.closed(closing("p", { closedAt: T0 - 1 })))).toStrictEqual(["position.closed_at"]);
    expect(
      await fields(performance.closed(closing("p", { feesUsd: -1, sizeUsd: 0, exitPrice: Number.NaN }))),
    ).toHaveLength(3);
    expect(await fields(performance.opened(closing("p")))).toStrictEqual(["position.exit_price", "position.closed_at"]);
    await performance.opened(opening("q"));
    expect(await fields(performance.closed({ positionId: "q", exitPrice: 1, closedAt: T0 - 1 }))).toStrictEqual([
      "position.closed_at",
    ]);
  });
});

describe("WatchPerformance", () => {
  it("sends each closing once, with the totals that it made, and resumes behind a token", async () => {
    const rig = await startRig();
    const first = watch(rig);
    await rig.engine.performance.closed(closing("a"));
    await rig.pass(0);
    expect(first.ids).toStrictEqual(["a"]);
    await first.stop();
    await rig.engine.performance.closed(closing("b", { strategyId: "other" }));
    await rig.engine.performance.closed(closing("c"));
    const second = watch(rig, first.token);
    await rig.pass(0);
    await rig.engine.performance.closed(closing("d"));
    await rig.pass(1_000);
    expect(second.ids).toStrictEqual(["b", "c", "d"]);
    const totals = second.steps.flatMap(({ closed }) => closed?.performance.closedPositions ?? []);
    expect(totals).toStrictEqual([1, 2, 3]);
    const [all, one, none] = [watch(rig, "start"), watch(rig, "start", ["other"]), watch(rig)];
    await rig.pass(0);
    expect([all.ids, one.ids, none.ids]).toStrictEqual([["a", "b", "c", "d"], ["b"], []]);
  });

  it("is never silent for longer than a second", async () => {
    const rig = await startRig();
    const watching = watch(rig);
    for (let i = 0; i < 5; i++) {
      const before = watching.steps.length;
      await rig.pass(1_000);
      expect(watching.steps.length).toBeGreaterThan(before);
    }
  });

  it("refuses tokens of the other stream, and those from other data", async () => {
    const rig = await startRig();
    const read = (resumeToken: string) =>
      collected(rig.engine.performance.watch({ strategyIds: [], resumeToken }, AbortSignal.abort()));
    await expect(read("d1.0")).rejects.toMatchObject({ code: "invalid" });
    await expect(read("p1.7")).rejects.toMatchObject({ code: "failed_precondition" });
    await expect(read("p2.000000000000.7.-")).rejects.toMatchObject({ code: "failed_precondition" });
  });

  it("refuses a token whose closing is another one here, as after a restore", async () => {
    const rig = await startRig();
    await rig.engine.performance.closed(closing("a"));
    await rig.engine.performance.closed(closing("b"));
    const watching = watch(rig, "start");
    await rig.pass(0);
    const [, first = "", second] = watching.steps.map((step) => step.resumeToken);
    expect(first).toMatch(/^p2\.[0-9a-f]{12}\.1\.[0-9a-f]{8}$/);
    const piece = (token = "") => token.split(".").at(-1) ?? "";
    const resumeToken = first.replace(piece(first), piece(second));
    const foreign = rig.engine.performance.watch({ strategyIds: [], resumeToken }, new AbortController().signal);
    await expect(collected(foreign)).rejects.toMatchObject({
      code: "failed_precondition",
      message: expect.stringContaining('go on with "start"'),
    });
  });

  it("reads a strategy's closings once to catch up, not once for each of them", async () => {
    const positions = memoryPositions();
    let reads = 0;
    const counting: PositionBook = {
      ...positions,
      closed(...query) {
        reads++;
        return positions.closed(...query);
      },
    };
    const first = await startRig({ stores: { positions: counting } });
    for (let i = 0; i < 50; i++) {
      await first.engine.performance.closed(closing(`p${i}`));
    }
    await first.stop();
    const rig = await startRig({ stores: { positions: counting } });
    reads = 0;
    const watching = watch(rig, "start");
    await rig.pass(0);
    const counts = watching.steps.flatMap(({ closed }) => closed?.performance.closedPositions ?? []);
    expect(counts).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(reads).toBe(1);
  });

  it("holds over any disconnects, slow stores and lost answers", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("close", "lost", "reconnect", "beat"), { minLength: 3, maxLength: 25 }),
        async (steps) => {
          const store = slowPositions();
          const rig = await startRig({ stores: { positions: store.positions } });
          let watching = watch(rig, "start");
          const seen: string[] = [];
          let count = 0;
          for (const step of [...steps, "close", "reconnect"]) {
            store.losesAnswer = step === "lost";
            if (step === "close" || step === "lost") {
              await rig.engine.performance.closed(closing(`p${count++}`)).catch(() => undefined);
            } else if (step === "beat") {
              await rig.pass(900);
            } else {
              await watching.stop();
              seen.push(...watching.ids);
              watching = watch(rig, watching.token === "" ? "start" : watching.token);
            }
          }
          await rig.pass(2_000);
          seen.push(...watching.ids);
          expect(seen).toStrictEqual(Array.from({ length: count }, (_, i) => `p${i}`));
          await watching.stop();
          await rig.stop();
        },
      ),
      { numRuns: 60 },
    );
  });
});

/**
 * A position book that takes several turns of the event loop, and may store and then lose its
 * answer.
 */
function slowPositions(): { positions: PositionBook; losesAnswer: boolean } {
  const memory = memoryPositions();
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const control = {
    losesAnswer: false,
    positions: {
      ...memory,
      async put(position) {
        await turn();
        await memory.put(position);
        await turn();
        if (control.losesAnswer) {
          throw new RuntimeError("unavailable", "the answer was lost");
        }
      },
      async closed(...query) {
        await turn();
        return memory.closed(...query);
      },
    } satisfies PositionBook,
  };
  return control;
}

describe("a position book whose answer was lost", () => {
  it("counts the position all the same, once it was asked (R32)", async () => {
    const store = slowPositions();
    const rig = await startRig({ stores: { positions: store.positions } });
    store.losesAnswer = true;
    await expect(rig.engine.performance.opened(opening("p"))).rejects.toMatchObject({ code: "unavailable" });
    store.losesAnswer = false;
    await rig.engine.performance.opened(opening("p"));
    expect(await rig.engine.performance.performance("s")).toMatchObject({ openPositions: 1 });
  });

  it("does not stop the closings of other positions", async () => {
    const store = slowPositions();
    const rig = await startRig({ stores: { positions: store.positions } });
    store.losesAnswer = true;
    await expect(rig.engine.performance.closed(closing("p"))).rejects.toMatchObject({ code: "unavailable" });
    store.losesAnswer = false;
    const { position } = await rig.engine.performance.closed(closing("q"));
    expect(position.closeSequence).toBe(2);
  });
});
