import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connect, type RuntimeClient } from "../../examples/client.ts";
import { Action, type TradeDecision } from "../../gen/strategyruntime/v1/decision_pb.ts";
import { StrategyStatus } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import { startServer } from "../running-server.ts";
import { buildExecutor, ExecutorState, startExecutor } from "./executor.ts";

const STRATEGY = "leaves-by-the-runtime";

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "test-clients-"));
  program = await buildExecutor(folder);
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function save(client: RuntimeClient): Promise<void> {
  await client.strategies.saveStrategy({
    strategy: {
      strategyId: STRATEGY,
      name: "Is told when to leave",
      status: StrategyStatus.LIVE,
      side: 1,
      timeframe: "1m",
      entryIndicators: [{ name: "CLOSE", operator: ">", operand: { case: "value", value: 0 } }],
      baseSizeUsd: 1_000,
      stopLossPct: 0.5,
      trailingStop: { distancePct: 0.001 },
      maxHoldingTime: { seconds: 240n },
      maxPositions: 6,
    },
  });
}

async function decisions(client: RuntimeClient): Promise<readonly TradeDecision[]> {
  const all: TradeDecision[] = [];
  for (let pageToken = ""; ; ) {
    const page = await client.runtime.listDecisions({ includeExits: true, pageSize: 500, pageToken });
    all.push(...page.decisions);
    pageToken = page.nextPageToken;
    if (pageToken === "") {
      return all;
    }
  }
}

describe("positions that the runtime says when to leave", () => {
  it("are each closed once, none twice and none forgotten, over kill -9 of both sides", {
    timeout: 240_000,
  }, async () => {
    const server = await startServer({ SYMBOLS: "BTCUSDT,ETHUSDT" });
    const state = new ExecutorState();
    onTestFinished(() => rmSync(state.folder, { recursive: true, force: true }));
    const follow = () => {
      // It closes nothing of its own accord.
      const started = startExecutor(program, {
        address: server.address,
        state,
        flags: ["-max-open", "100", "-hold", "1000h"],
      });
      onTestFinished(() => void started.kill());
      return started;
    };
    let executor = follow();
    await executor.says(/following from now on/);
    let client = connect(server.address);
    await save(client);
    for (let crash = 0; crash < 3; crash++) {
      await executor.says(/ closed LONG .* because CLOSE /, executor.output.length);
      await executor.kill("SIGKILL");
      client.close();
      await server.kill("SIGKILL");
      await server.restart();
      client = connect(server.address);
      executor = follow();
      await executor.says(/following from d2\./);
    }
    onTestFinished(() => client.close());
    await executor.says(/ closed LONG .* because CLOSE /, executor.output.length);
    await client.policy.setTradingHalt({ halted: true, reason: "counting" });

    // Nothing is entered any more, and whatever is open is to be left within four minutes of its bar.
    const count = (kind: string) => state.ledger().filter((entry) => entry.kind === kind).length;
    const open = () => count("opened") - count("closed");
    await expect.poll(open, { timeout: 60_000 }).toBe(0);
    const reports = () => count("opened") + count("closed") + count("rejected") - count("reported");
    await expect.poll(reports, { timeout: 20_000 }).toBe(0);

    const closed = state.ledger().flatMap((entry) => (entry.kind === "closed" ? [entry.decision_id] : []));
    const opened = state.ledger().flatMap((entry) => (entry.kind === "opened" ? [entry.decision_id] : []));
    expect(closed.length).toBeGreaterThan(3);
    expect(closed.toSorted()).toEqual(opened.toSorted());
    expect(new Set(closed).size).toBe(closed.length);

    const journal = await decisions(client);
    const exits = journal.filter(({ action }) => action === Action.CLOSE || action === Action.ADJUST);
    const bars = exits.map(({ positionId, barCloseTime }) => `${positionId} ${barCloseTime?.seconds}`);
    expect(new Set(bars).size).toBe(bars.length);
    const told = new Set(exits.flatMap(({ action, positionId }) => (action === Action.CLOSE ? [positionId] : [])));
    expect([...told].toSorted()).toEqual(closed.map((id) => `paper-${id}`).toSorted());
    for (const positionId of told) {
      const own = exits.filter((exit) => exit.positionId === positionId);
      const first = own.findIndex(({ action }) => action === Action.CLOSE);
      // Once it is to be closed, it stays so, with the same reason.
      const reasons = own.slice(first).map(({ action, exitReason }) => `${action} ${exitReason}`);
      expect(new Set(reasons).size, positionId).toBe(1);
    }
    const { unguardedPositions } = await client.runtime.getRuntimeStatus({});
    expect(unguardedPositions).toEqual([]);
  });
});
