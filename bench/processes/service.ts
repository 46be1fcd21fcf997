import { memoryJournal } from "../../src/adapters/memory/journal.ts";
import { simulated } from "../../src/adapters/simulated/simulated.ts";
import type { Decision } from "../../src/domain/decision.ts";
import type { StoredStrategy } from "../../src/domain/strategy.ts";
import type { Clock } from "../../src/ports/clock.ts";
import { systemClock } from "../../src/process/system-clock.ts";
import { contractServices } from "../../src/rpc/contract.ts";
import { startGrpcServer } from "../../src/rpc/grpc-server.ts";
import { answer } from "../harness/child.ts";
import { startBenchEngine } from "../samples/engine.ts";
import { cpuMs } from "./cpu.ts";

/** The service as callers meet it, over memory stores and the simulated exchange, whose time stands still: equal calls have equal answers. */
export type ServiceQuestion =
  | {
      readonly ask: "start";
      readonly strategies: readonly StoredStrategy[];
      readonly symbols: readonly string[];
      /** What the journal holds at first. */
      readonly decisions: readonly Decision[];
      /** Market time, ms since the epoch. */
      readonly startAt: number;
    }
  | { readonly ask: "cpu" };
/** The address after a start, ms of CPU time otherwise. */
export type ServiceAnswer = string | number;

const STOPPED: Clock = { ...systemClock, monotonic: () => 0 };

async function start(question: Extract<ServiceQuestion, { ask: "start" }>): Promise<string> {
  const { strategies, symbols, decisions, startAt } = question;
  const journal = memoryJournal();
  await journal.append(decisions);
  const market = simulated({ seed: 1, speed: 1, clock: STOPPED, startAt });
  await market.ready();
  const engine = await startBenchEngine({ strategies, symbols, market, journal });
  const server = await startGrpcServer({
    address: "127.0.0.1:0",
    services: contractServices(engine, { version: "bench", adapters: {} }),
    ready: () => true,
    log: () => {},
  });
  return server.address;
}

answer<ServiceQuestion, ServiceAnswer>(async (question) => (question.ask === "cpu" ? cpuMs() : start(question)));
