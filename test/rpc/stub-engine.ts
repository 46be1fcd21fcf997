import type { Engine, PerformanceDesk, PolicyDesk, RuntimeDesk, StrategyDesk } from "../../src/engine/api.ts";
import * as sample from "./samples.ts";

export interface RecordedCall {
  readonly method: string;
  readonly args: readonly unknown[];
}

/** An engine whose answers are given by hand; it records what it was asked. */
export interface StubEngine extends Engine {
  readonly calls: readonly RecordedCall[];
  /** The arguments of the only call of a method; throws where it was called otherwise. */
  argsOf(method: string): readonly unknown[];
}

export interface StubAnswers {
  readonly runtime?: Partial<RuntimeDesk>;
  readonly strategies?: Partial<StrategyDesk>;
  readonly policy?: Partial<PolicyDesk>;
  readonly performance?: Partial<PerformanceDesk>;
}

async function* batches(...given: ReturnType<typeof sample.aBatch>[]) {
  yield* given;
}

export function stubEngine(answers: StubAnswers = {}): StubEngine {
  const calls: RecordedCall[] = [];
  const recorded = <T extends object>(desk: T): T =>
    new Proxy(desk, {
      get(target, name) {
        const method = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return (...args: unknown[]) => {
          calls.push({ method: String(name), args });
          return method(...args);
        };
      },
    });
  const runtime: RuntimeDesk = {
    evaluate: async () => sample.anEvaluation(),
    evaluateExit: async (positionId) => ({
      positionId,
      strategyId: "dip",
      symbol: "BTCUSDT",
      outcome: "HOLD",
      explanation: "stop 98 is 2 % away",
      conditions: [],
    }),
    generate: () => batches(sample.aBatch({ decisions: [sample.aDecision()], summary: sample.SUMMARY })),
    follow: () => batches(sample.aBatch()),
    refresh: async () => ({
      liveStrategies: 2,
      shadowStrategies: 1,
      notAllowedStrategies: 1,
      rejectedStrategies: [{ strategyId: "bad", explanation: "side is required" }],
      policy: sample.POLICY,
      refreshedAt: sample.BAR_CLOSE,
    }),
    decisions: async () => [sample.aDecision()],
    status: () => sample.STATUS,
    ...answers.runtime,
  };
  const strategies: StrategyDesk = {
    save: async (draft) => ({ strategy: sample.aStored(draft), warnings: ["looks odd"] }),
    saveMany: async (drafts) => drafts.map((draft) => ({ strategy: sample.aStored(draft), warnings: [] })),
    get: async () => sample.aStored(),
    list: async () => [sample.aStored()],
    delete: async () => {},
    setStatus: async (_, status) => sample.aStored(sample.aDraft({ status })),
    ...answers.strategies,
  };
  const policy: PolicyDesk = {
    get: async () => sample.POLICY,
    change: async () => ({ policy: sample.POLICY, pending: false }),
    ...answers.policy,
  };
  const performance: PerformanceDesk = {
    opened: async () => sample.OPEN_POSITION,
    closed: async () => ({ position: sample.CLOSED_POSITION, performance: sample.PERFORMANCE }),
    rejected: async () => {},
    performance: async () => sample.PERFORMANCE,
    watch: async function* () {
      yield { resumeToken: "0" };
    },
    ...answers.performance,
  };
  return {
    runtime: recorded(runtime),
    strategies: recorded(strategies),
    policy: recorded(policy),
    performance: recorded(performance),
    calls,
    argsOf(method) {
      const found = calls.filter((call) => call.method === method);
      if (found.length !== 1 || found[0] === undefined) {
        throw new Error(`${method} was called ${found.length} times`);
      }
      return found[0].args;
    },
  };
}
