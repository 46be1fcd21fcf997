import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBinary } from "@bufbuild/protobuf";
import { TradeDecisionSchema } from "../../gen/strategyruntime/v1/decision_pb.ts";
import { replay } from "../../src/adapters/replay/replay.ts";
import type { Decision } from "../../src/domain/decision.ts";
import type { Position } from "../../src/domain/position.ts";
import type { StrategyConfig, StrategyDraft } from "../../src/domain/strategy.ts";
import { type RunningEngine, startEngine } from "../../src/engine/engine.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { EngineEvent } from "../../src/ports/observer.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { toTradeDecision } from "../../src/rpc/translate/decision.ts";
import { ENGINE_DEFAULTS, freshStores, MINUTE, type RigStores, T0 } from "./rig.ts";
import { accepted, conditionsOf, draftOf } from "./validation/drafts.ts";

export const SYMBOLS = ["BTC", "ETH"];
/** Minutes recorded before the replay starts: as many as a series loads at most. */
const HISTORY = 1_000;
/** Minutes played, to a close of all the strategies' timeframes. */
const PLAYED = 60;
const END = T0 + PLAYED * MINUTE;

const STRATEGIES = [
  // The first close, the last, and each between them.
  strategyOf("each", "CLOSE > 1", { maxPositions: 100 }),
  // Which of two symbols has the one place hangs on what the close before decided.
  strategyOf("places", "RSI > 45", { maxPositions: 1 }),
  strategyOf("rest", "RSI < 55", { cooldownMs: 150_000 }),
  strategyOf("long", "CLOSE > 1; CLOSE > 2 on 15m", { timeframe: "5m" }),
  strategyOf("shadow", "MACD > MACD_SIGNAL", { status: "SHADOW" }),
  // For positions that are open at the start: it enters nowhere.
  strategyOf("leaves", "CLOSE < 0.5", {
    stopLossPct: 0.9,
    takeProfitPct: 0,
    trailingStop: { distancePct: 0.03 },
    exit: {
      kind: "all",
      rules: [
        { kind: "condition", condition: { name: "POSITION_BARS", operator: ">=", value: 50, timeframe: "" } },
        { kind: "condition", condition: { name: "RSI", operator: ">", value: 50, timeframe: "" } },
      ],
    },
  }),
];

function strategyOf(strategyId: string, conditions: string, changes: Partial<StrategyDraft>): StrategyConfig {
  const entryIndicators = conditionsOf(conditions);
  const draft = draftOf({ strategyId, entryIndicators, timeframe: "1m", side: "LONG", cooldownMs: 0, ...changes });
  return accepted(draft).config;
}

/** A folder with minutes of two symbols, up to the end of what is played. */
export function recordMinutes(): { readonly dir: string; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), "replayed-"));
  for (const [n, symbol] of SYMBOLS.entries()) {
    let close = 100;
    const rows = Array.from({ length: HISTORY + PLAYED }, (_, i) => {
      const open = close;
      // No two alike, and the same on every run.
      close = open * (1 + 0.01 * Math.sin((i + 1) * (1.7 + n)) + 0.003 * Math.cos(i * i));
      const [high, low] = [Math.max(open, close) * 1.001, Math.min(open, close) * 0.999];
      return [T0 + (i - HISTORY) * MINUTE, open, high, low, close, 10 + (i % 7)].join(",");
    });
    writeFileSync(join(dir, `${symbol}-1m.csv`), ["open_time,open,high,low,close,volume", ...rows, ""].join("\n"));
  }
  return { dir, remove: () => rmSync(dir, { recursive: true }) };
}

export interface PlayOptions {
  readonly dir: string;
  readonly speed: number | "max";
  readonly clock?: Clock;
  /** Wraps the stores, to slow them down. */
  readonly slow?: (stores: RigStores) => RigStores;
  /** The universe; both symbols by default. */
  readonly symbols?: readonly string[];
  readonly observe?: (event: EngineEvent) => void;
  /** A sweep at a bar's close has ended. */
  readonly onSwept?: (engine: RunningEngine) => void;
  /** Open at the start. */
  readonly positions?: readonly Position[];
}

/** Replays all, and answers with the journal, decision by decision, as the wire has it. */
export async function played(options: PlayOptions): Promise<readonly string[]> {
  const { dir, speed, clock = systemClock, slow = (stores) => stores, symbols = SYMBOLS, onSwept } = options;
  const stores = freshStores();
  await stores.strategies.save(
    STRATEGIES.map((config) => ({ config, expectedVersion: 0 })),
    T0,
  );
  for (const position of options.positions ?? []) {
    await stores.positions.put(position);
  }
  const market = replay({ dir, speed, clock, symbols: SYMBOLS, startAt: T0 });
  await market.ready();
  const over = Promise.withResolvers<void>();
  const left = new Set(["1m", "5m"]);
  const engine: RunningEngine = await startEngine({
    market,
    stores: slow(stores),
    clock,
    observer: {
      wantsSuppressions: false,
      observe(event) {
        options.observe?.(event);
        if (event.kind === "sweep") {
          onSwept?.(engine);
          left.delete(event.summary.barCloseTime === END ? `${event.timeframe}` : "");
          if (left.size === 0) {
            over.resolve();
          }
        }
      },
    },
    ...ENGINE_DEFAULTS,
    symbols,
  });
  await over.promise;
  await engine.close();
  await market.close();
  const decisions = await stores.journal.read({ includeShadow: true, limit: 1_000_000 });
  return decisions.map(told);
}

/** Close and strategy for people, and all of it in bytes. */
function told(decision: Decision): string {
  const { barCloseTime, strategyId, symbol } = decision;
  const bytes = Buffer.from(toBinary(TradeDecisionSchema, toTradeDecision(decision))).toString("hex");
  return `${new Date(barCloseTime).toISOString()} ${strategyId} ${symbol} ${bytes}`;
}
