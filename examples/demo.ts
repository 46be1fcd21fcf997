import { parseArgs } from "node:util";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { Action, type TradeDecision } from "../gen/strategyruntime/v1/decision_pb.ts";
import { connect } from "./client.ts";
import { decisionLine, percent, reasonLine, sideName, tinted, usd } from "./decision-text.ts";
import { DemoSummary } from "./demo-summary.ts";
import { exampleStrategies, saveAll } from "./example-strategies.ts";
import { type PaperClose, PaperExecutor } from "./paper-executor.ts";
import { startService } from "./service.ts";

const SYMBOLS = "BTC ETH SOL BNB XRP ADA DOGE AVAX LINK LTC".split(" ").map((coin) => `${coin}USDT`);

/** Market seconds a second: a 1m bar closes every second. */
const SPEED = 60;

async function demo(ending: AbortController, seconds: number | undefined): Promise<void> {
  const ended = ending.signal;
  console.log("Starting the service …");
  const service = await startService({ SYMBOLS: SYMBOLS.join(","), SIMULATED_SPEED: String(SPEED) });
  const client = connect(service.address);
  try {
    const strategies = exampleStrategies();
    const executor = new PaperExecutor(client, service.market);
    const summary = new DemoSummary(strategies);
    await client.policy.setCurrentRegime({ regime: "TRENDING" });
    const closing = printClosings(executor, ended);
    let isSaved = false;
    for await (const message of client.runtime.generateSignals(
      { follow: true, includeShadow: true, includeExits: true },
      ended,
    )) {
      if (!isSaved) {
        // The first message comes at once: the stream stands, so nothing of what the strategies do
        // is missed.
        await saveAll(client, strategies);
        isSaved = true;
        console.log(header(service.address, strategies.length));
        if (seconds !== undefined) {
          setTimeout(() => ending.abort(), seconds * 1_000).unref();
        }
      }
      for (const decision of message.decisions) {
        const opens = decision.action === Action.UNSPECIFIED;
        console.log(opens ? `${decisionLine(decision)}\n${reasonLine(decision)}` : exitLine(decision));
        const closed = await executor.take(decision);
        if (closed !== undefined) {
          console.log(closingLine(closed));
        }
      }
      const opened = message.decisions.filter(({ action }) => action === Action.UNSPECIFIED);
      summary.add(opened.length, message.summary);
    }
    await closing;
    console.log(isSaved ? await summary.text(client) : "Ended before it began.");
  } finally {
    client.close();
    await service.close();
  }
}

function header(address: string, strategies: number): string {
  return [
    `Strategy Runtime Engine on ${address}, nothing is kept`,
    `${strategies} strategies of examples/strategies on ${SYMBOLS.length} symbols; times are UTC`,
    `SIMULATED prices of an invented exchange, not the market; a minute of it passes every second`,
    "Ctrl-C ends it with a summary. Waiting for the first bars to close …",
    "",
  ].join("\n");
}

async function printClosings(executor: PaperExecutor, ended: AbortSignal): Promise<void> {
  for await (const closed of executor.closings(SYMBOLS, ended)) {
    console.log(closingLine(closed));
  }
}

function exitLine({ timestamp, reasoning = "" }: TradeDecision): string {
  const time = timestamp ? timestampDate(timestamp).toISOString().slice(11, 19) : "--:--:--";
  return `${time}  ${reasoning}`;
}

function closingLine({ position, exit }: PaperClose): string {
  const { closedAt, side, symbol, strategyId, pnlUsd = 0, pnlPct = 0 } = position;
  const time = closedAt ? timestampDate(closedAt).toISOString().slice(11, 19) : "--:--:--";
  const result = `${pnlUsd < 0 ? "" : "+"}${usd(pnlUsd)} USD (${percent(pnlPct, 2)} before fees)`;
  const why = { time: "its time is up", stop: "at its stop", target: "at its target", runtime: "as it was told to" }[
    exit
  ];
  return `${time}  closed ${sideName(side)} ${symbol} ${why}: ${tinted(pnlUsd > 0, result)}  ${strategyId}`;
}

/**
 * Aborts on Ctrl-C, which comes twice where npm passes it on, on SIGTERM, and when a reader such as
 * `head` has left.
 */
function abortedByUser(): AbortController {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.on(signal, () => controller.abort());
  }
  process.stdout.on("error", () => controller.abort());
  return controller;
}

/** How long to show decisions, from `--seconds N`; until it is aborted, without. */
function secondsGiven(): number | undefined {
  const { values } = parseArgs({ options: { seconds: { type: "string" } } });
  const seconds = values.seconds === undefined ? undefined : Number(values.seconds);
  if (seconds !== undefined && !(seconds > 0 && seconds <= 86_400)) {
    throw new Error(`--seconds is ${JSON.stringify(values.seconds)}, must be a number above 0 and at most 86400`);
  }
  return seconds;
}

try {
  await demo(abortedByUser(), secondsGiven());
} catch (error) {
  console.error(`demo: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
