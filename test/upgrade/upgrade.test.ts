import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../gen/strategyruntime/v1/performance_service_pb.ts";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { migrate } from "../../src/adapters/postgres/migrate.ts";
import { openPostgres } from "../../src/adapters/postgres/pool.ts";
import { eventually } from "../production/production.ts";
import { type DecisionJson, type ServiceApi, serviceApi } from "../production/service-api.ts";
import { startPostgres } from "../provide/postgres.ts";
import { collect, connect } from "../rpc/client.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { databaseOfBefore, dataDirOfBefore, schemaOf } from "./before.ts";

/** What is as old as the fixture would otherwise be dropped some day. */
const KEEP = { JOURNAL_RETENTION: "36500d", SYMBOLS: "BTCUSDT", WEB_ADDRESS: "127.0.0.1:0" };

const DECIDED = [
  ["1", "75e2abcfc5e4eebae471ba842edb6500", "every-minute"],
  ["2", "3fe987b686ea88644f888abdcb99fafd", "in-shadow"],
  ["3", "3acec0bfc39f39dab4c7228142c666ec", "every-minute"],
  ["4", "b4776a2166f594756eb765c60d446198", "in-shadow"],
  ["5", "37947f75f5a96b92b70544085012446f", "every-minute"],
  ["6", "50b59550504ea00396c0488fa41137eb", "in-shadow"],
] as const;

interface Performance {
  readonly performance: {
    readonly closedPositions: string;
    readonly totalPnlUsd: number;
    readonly openPositions?: string;
  };
}

/** All decisions, those in shadow included. */
async function allDecisions(api: ServiceApi): Promise<readonly DecisionJson[]> {
  const request = { includeShadow: true, pageSize: 500 };
  return (await api.call<{ decisions?: readonly DecisionJson[] }>("ListDecisions", request)).body.decisions ?? [];
}

function decidedMore(api: ServiceApi): Promise<readonly DecisionJson[]> {
  return eventually(
    () => allDecisions(api),
    (all) => all.length > DECIDED.length + 1,
    30_000,
  );
}

/** That nothing of what the version before had promised is lost. */
async function keepsAll(api: ServiceApi): Promise<void> {
  const { policy, liveStrategies, rejectedStrategies } = await api.status();
  expect(policy).toMatchObject({ halted: true, haltReason: "before the upgrade", globalMinConfidence: 0.1 });
  expect([liveStrategies, rejectedStrategies]).toEqual([1, undefined]);
  const { body } = await api.call<{ strategy: object }>("GetStrategy", { strategyId: "two-versions" });
  expect(body.strategy).toMatchObject({
    name: "Second",
    version: "2",
    status: "STRATEGY_STATUS_CANDIDATE",
    entryIndicators: [{ name: "RSI_21", operator: "<", value: 30, timeframe: "1m" }],
  });
  const decisions = await allDecisions(api);
  expect(decisions.map(({ sequence, decisionId, strategyId }) => [sequence, decisionId, strategyId])).toEqual(DECIDED);
  expect(decisions[0]).toMatchObject({
    entryPrice: 61252.8,
    validUntil: "2026-11-30T18:10:00Z",
    conditions: [{ condition: "CLOSE > 0.5", left: 61252.8, right: 0.5, met: true }],
  });
  const { body: before } = await api.call<Performance>("GetStrategyPerformance", { strategyId: "every-minute" });
  expect(before.performance).toMatchObject({ closedPositions: "1", totalPnlUsd: 9, openPositions: "1" });
}

/** That reports on what was before are taken, and decisions follow on those that were made. */
async function goesOn(api: ServiceApi): Promise<void> {
  const again = await api.call("ReportDecisionRejected", { decisionId: DECIDED[4][1], reason: "too late" });
  expect(again.status).toBe(200);
  const closedAt = "2026-11-30T18:12:00Z";
  const position = { positionId: "open-one", exitPrice: 61_000, closedAt, feesUsd: 1 };
  const { body } = await api.call<Performance>("ReportPositionClosed", { position });
  expect(body.performance).toMatchObject({ closedPositions: "2", totalPnlUsd: 8 });
  expect((await api.call("SetTradingHalt", { halted: false, reason: "after the upgrade" })).status).toBe(200);
  await takesTrees(api);
  const decisions = await decidedMore(api);
  const sequences = decisions.map(({ sequence }) => Number(sequence));
  expect(sequences).toEqual(sequences.map((_, i) => i + 1));
}

/** That the tables hold what there was no column for. */
async function takesTrees(api: ServiceApi): Promise<void> {
  const condition = { name: "RSI_14", operator: "<", value: 30, timeframe: "1m" };
  const entry = { any: { rules: [{ condition, tag: "dip" }, { none: { rules: [{ condition }] } }] } };
  const rest = { name: "Tree", status: "CANDIDATE", timeframe: "1m", side: "LONG", baseSizeUsd: 1 };
  const strategy = { strategyId: "tree", entry, stopLossPct: 0.1, takeProfitPct: 0.1, ...rest };
  expect((await api.call("SaveStrategy", { strategy })).body).toMatchObject({ strategy: { version: "1", entry } });
  const { body } = await api.call<{ strategy: object }>("GetStrategy", { strategyId: "tree" });
  expect(body.strategy).toMatchObject({ entry });
  expect(body.strategy).not.toHaveProperty("entryLogic");
  expect(body.strategy).not.toHaveProperty("entryIndicators");
}

/** That tokens of before are refused with what to do, rather than taken for something else. */
async function refusesOldTokens({ address }: RunningServer): Promise<void> {
  const client = connect(address);
  const { generateSignals } = StrategyRuntimeService.method;
  const { watchPerformance } = PerformanceService.method;
  const follow = await collect(client.stream(generateSignals, { follow: true, resumeToken: "d1.6" }));
  const watch = await collect(client.stream(watchPerformance, { resumeToken: "p1.1" }));
  for (const { error } of [follow, watch]) {
    expect(error?.code).toBe(status.FAILED_PRECONDITION);
    expect(error?.details).toMatch(/earlier version.* go on with "start"/);
  }
  client.close();
}

describe("an upgrade from before the lease", { timeout: 90_000 }, () => {
  it("keeps all that a PostgreSQL has, and goes on from there", async () => {
    const { url } = await databaseOfBefore();
    const server = await startServer({ ...KEEP, DATABASE_URL: url });
    const api = serviceApi(server);
    await keepsAll(api);
    await refusesOldTokens(server);
    await goesOn(api);
    await server.restart();
    // The lease of the process that was killed has to run out first.
    await decidedMore(serviceApi(server));
  });

  it("keeps all that a DATA_DIR has, market time included, and goes on from there", async () => {
    // Behind the clock it would count for nothing: market time never does.
    const marketTime = Date.now() + 24 * 3_600_000;
    const dataDir = await dataDirOfBefore(marketTime);
    const server = await startServer({ ...KEEP, DATA_DIR: dataDir });
    const api = serviceApi(server);
    await keepsAll(api);
    await refusesOldTokens(server);
    await goesOn(api);
    const next = (await allDecisions(api))[DECIDED.length];
    const time = Date.parse(next?.timestamp ?? "");
    // Market time runs 60 times as fast as the wall, and this test for seconds.
    expect([time > marketTime, time < marketTime + 2 * 3_600_000]).toEqual([true, true]);
  });

  it("ends with the tables that a new database has", async () => {
    const [before, fresh] = await Promise.all([databaseOfBefore(), startPostgres()]);
    try {
      for (const url of [before.url, fresh.url]) {
        const db = openPostgres(url);
        await migrate(db);
        await db.close();
      }
      expect(await before.dumpSchema()).toBe(await schemaOf(fresh.url));
    } finally {
      await fresh.close();
    }
  });
});
