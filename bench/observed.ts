import { create, toBinary } from "@bufbuild/protobuf";
import { EvaluateRequestSchema, StrategyRuntimeService } from "../gen/strategyruntime/v1/runtime_service_pb.ts";
import { type Child, startChild } from "./harness/child.ts";
import { type Contestant, contest } from "./harness/contest.ts";
import type { Row } from "./harness/row.ts";
import { overWire, START_AT } from "./harness/wire.ts";
import type { ClientAnswer, ClientQuestion } from "./processes/client.ts";
import type { ReceiverAnswer, ReceiverQuestion } from "./processes/receiver.ts";
import type { ServiceAnswer, ServiceQuestion, Telemetry } from "./processes/service.ts";
import { decidingStrategies, symbolsOf } from "./samples/strategies.ts";

const PATH = `/${StrategyRuntimeService.typeName}/Evaluate`;
const METRICS = "with metrics";
const TRACING = "with tracing";

/** What it costs to be watched: the same calls, to three services that differ in nothing else. */
export const OBSERVED: Row = {
  name: "observed",
  about:
    "Evaluate, unary, 50 in flight, with neither metrics nor tracing, beside metrics (web port on, asked every second) and beside tracing (every call, to a receiver)",
  async run(size) {
    const work = size === "full" ? { calls: 4_000, inFlight: 50 } : { calls: 20, inFlight: 5 };
    await using client = startChild<ClientQuestion, ClientAnswer>("client.ts");
    await using receiver = startChild<ReceiverQuestion, ReceiverAnswer>("receiver.ts");
    const endpoint = String(await receiver.ask({ ask: "start" }));
    await using plain = startChild<ServiceQuestion, ServiceAnswer>("service.ts");
    await using metrics = startChild<ServiceQuestion, ServiceAnswer>("service.ts");
    await using tracing = startChild<ServiceQuestion, ServiceAnswer>("service.ts");
    const contestant = async (
      name: string,
      service: Child<ServiceQuestion, ServiceAnswer>,
      telemetry?: Telemetry,
    ): Promise<Contestant> => {
      const address = await start(service, telemetry);
      const question = { ask: "unary", address, path: PATH, request: request(), ...work } as const;
      return { name, run: () => overWire(client, service, question, (found) => found.messages) };
    };
    const lines = await contest(
      {
        row: OBSERVED.name,
        measures: [
          { key: "perSecond", what: `${work.inFlight} in flight, not watched`, unit: "calls/s", better: "more" },
          { key: "cpuUs", what: "the server's CPU time, not watched", unit: "µs/call", better: "less" },
        ],
        ours: await contestant("plain", plain),
        rivals: [
          await contestant(METRICS, metrics, { kind: "metrics" }),
          await contestant(TRACING, tracing, { kind: "tracing", endpoint }),
        ],
      },
      size,
    );
    await tracing.ask({ ask: "flush" });
    if (Number(await receiver.ask({ ask: "bytes" })) === 0) {
      throw new Error("no trace came to the receiver: tracing was measured for nothing");
    }
    return lines;
  },
};

async function start(service: Child<ServiceQuestion, ServiceAnswer>, telemetry?: Telemetry): Promise<string> {
  const question = { strategies: decidingStrategies(1), symbols: symbolsOf(1), decisions: [], startAt: START_AT };
  return String(await service.ask({ ask: "start", ...question, ...(telemetry && { telemetry }) }));
}

function request(): Uint8Array {
  const [symbol = ""] = symbolsOf(1);
  const value = decidingStrategies(1)[0]?.strategyId ?? "";
  return toBinary(
    EvaluateRequestSchema,
    create(EvaluateRequestSchema, { strategy: { case: "strategyId", value }, symbol }),
  );
}
