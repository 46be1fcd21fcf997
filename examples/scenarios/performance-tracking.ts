// Example 4, performance tracking: the position monitor reports what opens and closes, tagged with
// the strategy; the runtime keeps the totals, and the strategy generator hears of every closed
// position as it happens.
import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type ServiceError, status } from "@grpc/grpc-js";
import type { PositionSchema, StrategyPerformance } from "../../gen/strategyruntime/v1/performance_pb.ts";
import { Side } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import { connect, type RuntimeClient } from "../client.ts";
import { percent, usd } from "../decision-text.ts";
import { startService } from "../service.ts";

type Report = MessageInitShape<typeof PositionSchema>;

const at = (time: string) => timestampFromDate(new Date(`2026-03-02T${time}Z`));

const DIP = { strategyId: "rsi_mean_revert_042", symbol: "BTCUSDT", side: Side.LONG };
const FADE = { strategyId: "bollinger_fade_007", symbol: "ETHUSDT", side: Side.SHORT };

const OPENED: readonly Report[] = [
  { ...DIP, positionId: "p-1", sizeUsd: 1_000, entryPrice: 50_000, openedAt: at("09:00:00") },
  { ...DIP, positionId: "p-2", sizeUsd: 2_000, entryPrice: 51_000, openedAt: at("10:00:00") },
  { ...FADE, positionId: "p-3", sizeUsd: 1_000, entryPrice: 3_000, openedAt: at("10:30:00") },
  { ...DIP, positionId: "p-4", sizeUsd: 1_500, entryPrice: 50_500, openedAt: at("12:00:00") },
];

/** The id says which position; the rest is known from its opening. */
const CLOSED: readonly Report[] = [
  { positionId: "p-1", exitPrice: 52_500, closedAt: at("11:00:00"), feesUsd: 1 },
  { positionId: "p-3", exitPrice: 2_910, closedAt: at("11:30:00"), feesUsd: 1 },
  { positionId: "p-2", exitPrice: 49_980, closedAt: at("14:00:00"), feesUsd: 2 },
];

/**
 * The generator's side: prints each closed position with its strategy's new totals until it has
 * heard of `count`.
 */
async function watchAsGenerator(client: RuntimeClient, count: number): Promise<void> {
  let heard = 0;
  for await (const { position, performance } of client.performance.watchPerformance({ resumeToken: "start" })) {
    if (position !== undefined && performance !== undefined) {
      const pnl = `${percent(position.pnlPct ?? Number.NaN, 2)}, ${usd(position.pnlUsd ?? Number.NaN)} USD after fees`;
      console.log(`generator: ${position.positionId} of ${position.strategyId} closed with ${pnl}`);
      console.log(`           ${totals(performance)}`);
      heard++;
    }
    if (heard === count) {
      return;
    }
  }
}

function totals(performance: StrategyPerformance): string {
  const { closedPositions, openPositions, wins, losses, totalPnlUsd, meanPnlPct } = performance;
  const counts = `${closedPositions} closed (${wins} won, ${losses} lost), ${openPositions} open`;
  return `${counts}; total ${usd(totalPnlUsd)} USD, mean ${percent(meanPnlPct, 2)}`;
}

function showTotals(performance: StrategyPerformance | undefined): void {
  if (performance === undefined) {
    throw new Error("the answer has no performance");
  }
  const { strategyId, stdevPnlPct, profitFactor, maxDrawdownUsd, meanHoldTime } = performance;
  const hours = meanHoldTime === undefined ? "–" : (Number(meanHoldTime.seconds) / 3_600).toFixed(2);
  const spread = stdevPnlPct === undefined ? "–" : percent(stdevPnlPct, 2);
  console.log(`${strategyId}: ${totals(performance)}`);
  console.log(
    `  standard deviation ${spread}, profit factor ${profitFactor?.toFixed(3) ?? "–"}, ` +
      `largest drawdown ${usd(maxDrawdownUsd)} USD, held for ${hours} h on average`,
  );
}

const service = await startService();
const client = connect(service.address);
try {
  const generator = watchAsGenerator(client, CLOSED.length);
  for (const position of OPENED) {
    await client.performance.reportPositionOpened({ position });
  }
  for (const position of CLOSED) {
    await client.performance.reportPositionClosed({ position });
  }
  await generator;

  console.log("\nThe same report again changes nothing, and one that contradicts it is refused:");
  const [first] = CLOSED;
  await client.performance.reportPositionClosed({ position: { ...first } });
  await client.performance
    .reportPositionClosed({ position: { ...first, exitPrice: 99_000 } })
    .catch((error: ServiceError) => {
      console.log(`  ${status[error.code]}: ${error.details}`);
    });

  console.log("\nTotals:");
  for (const { strategyId } of [DIP, FADE]) {
    showTotals((await client.performance.getStrategyPerformance({ strategyId })).performance);
  }
} finally {
  client.close();
  await service.close();
}
