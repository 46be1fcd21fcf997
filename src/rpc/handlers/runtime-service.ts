import { create } from "@bufbuild/protobuf";
import {
  EvaluateResponseSchema,
  type GenerateSignalsRequest,
  type GenerateSignalsResponseSchema,
  type StrategyRuntimeService,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import type { Engine, RuntimeDesk, SignalBatch } from "../../engine/api.ts";
import { evaluationEncoder, signalsEncoder } from "../encode/answers.ts";
import { untilDrain } from "../endless.ts";
import { type CallContext, type Handlers, Prepared } from "../service.ts";
import { toEvaluation } from "../translate/decision.ts";
import { toRefreshed, toRuntimeStatus, toSignals } from "../translate/runtime.ts";
import { evaluateQuery } from "./evaluate-query.ts";
import { listDecisions } from "./list-decisions.ts";
import { followQuery, oneShotQuery } from "./signal-queries.ts";

export interface RuntimeOptions {
  /** Version of the software. */
  readonly version: string;
  /**
   * Where the stores and the feed point, without secrets: `{ strategies: "postgres", market_data:
   * "binance" }`.
   */
  readonly adapters: Readonly<Record<string, string>>;
}

/** StrategyRuntimeService of the contract. */
export function runtimeHandlers(
  engine: Pick<Engine, "runtime">,
  options: RuntimeOptions,
): Handlers<typeof StrategyRuntimeService> {
  const { runtime } = engine;
  const evaluationBytes = evaluationEncoder();
  const signalsBytes = signalsEncoder();
  return {
    async evaluate(request, context) {
      const evaluation = await runtime.evaluate(evaluateQuery(request), context);
      return new Prepared<typeof EvaluateResponseSchema>(
        () => evaluationBytes(evaluation),
        () => create(EvaluateResponseSchema, { evaluation: toEvaluation(evaluation) }),
      );
    },

    async *generateSignals(request, context) {
      for await (const batch of batches(runtime, request, context)) {
        yield new Prepared<typeof GenerateSignalsResponseSchema>(
          () => signalsBytes(batch),
          () => toSignals(batch),
        );
      }
    },

    async refreshStrategies() {
      return toRefreshed(await runtime.refresh());
    },

    listDecisions: (request, context) => listDecisions(runtime, request, context),

    async getRuntimeStatus() {
      return toRuntimeStatus(runtime.status(), options);
    },
  };
}

function batches(
  runtime: RuntimeDesk,
  request: GenerateSignalsRequest,
  context: CallContext,
): AsyncIterable<SignalBatch> {
  if (!request.follow) {
    const steps = runtime.generate(oneShotQuery(request), context.signal);
    return context.costly?.(steps) ?? steps;
  }
  const query = followQuery(request);
  return untilDrain((signal) => runtime.follow(query, signal), context);
}
