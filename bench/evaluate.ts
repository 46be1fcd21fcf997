import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Outcome } from "../gen/strategyruntime/v1/decision_pb.ts";
import {
  EvaluateRequestSchema,
  EvaluateResponseSchema,
  StrategyRuntimeService,
} from "../gen/strategyruntime/v1/runtime_service_pb.ts";
import { contest } from "./harness/contest.ts";
import type { Row } from "./harness/row.ts";
import { openWire, overWire, START_AT } from "./harness/wire.ts";
import { ECHO_UNARY } from "./processes/echo.ts";
import { decidingStrategies, symbolsOf } from "./samples/strategies.ts";

const PATH = `/${StrategyRuntimeService.typeName}/Evaluate`;
const ECHO = "bare grpc-js echo";

/**
 * The whole way of a call: a stored strategy that decides, its indicators, gates, decision and
 * explanation.
 */
export const EVALUATE: Row = {
  name: "evaluate",
  about: "Evaluate of a stored strategy, unary, 50 in flight, beside a bare grpc-js echo of the same message sizes",
  async run(size) {
    const work = size === "full" ? { calls: 6_000, inFlight: 50 } : { calls: 20, inFlight: 5 };
    const warmUpCalls = size === "full" ? 20_000 : 0;
    await using wire = openWire();
    const { service, echo, client } = wire;
    const [symbol = ""] = symbolsOf(1);
    const [strategy] = decidingStrategies(1);
    const address = String(
      await service.ask({
        ask: "start",
        strategies: decidingStrategies(1),
        symbols: [symbol],
        decisions: [],
        startAt: START_AT,
      }),
    );
    const request = toBinary(
      EvaluateRequestSchema,
      create(EvaluateRequestSchema, { strategy: { case: "strategyId", value: strategy?.strategyId ?? "" }, symbol }),
    );
    const first = await client.ask({ ask: "unary", address, path: PATH, request, calls: 1, inFlight: 1 });
    const response = first.kept[0] ?? new Uint8Array();
    refuseUndecided(response);
    const echoAddress = String(await echo.ask({ ask: "start", responseBytes: response.length, streamBytes: [] }));
    const question = { ask: "unary", request, ...work } as const;
    // A service runs for weeks: what its first seconds cost is the row "start".
    await client.ask({ ...question, calls: warmUpCalls, address, path: PATH });
    await client.ask({ ...question, calls: warmUpCalls, address: echoAddress, path: ECHO_UNARY });
    return await contest(
      {
        row: EVALUATE.name,
        measures: [
          {
            key: "perSecond",
            what: `${work.inFlight} in flight, ${request.length} B to ${response.length} B`,
            unit: "calls/s",
            better: "more",
            target: {
              text: `>= 0.6 × ${ECHO}`,
              kept: (_, ratios) => (ratios.get(ECHO) ?? 0) >= 0.6,
            },
          },
          { key: "cpuUs", what: "the server's CPU time", unit: "µs/call", better: "less" },
        ],
        ours: {
          name: "Evaluate",
          run: () => overWire(client, service, { ...question, address, path: PATH }, (found) => found.messages),
        },
        rivals: [
          {
            name: ECHO,
            run: () =>
              overWire(
                client,
                echo,
                { ...question, address: echoAddress, path: ECHO_UNARY },
                (found) => found.messages,
              ),
          },
        ],
      },
      size,
    );
  },
};

/** A call that ends at an early gate would be measured for nothing. */
function refuseUndecided(response: Uint8Array): void {
  const { evaluation } = fromBinary(EvaluateResponseSchema, response);
  if (evaluation?.outcome !== Outcome.DECIDED) {
    throw new Error(`Evaluate ended with ${evaluation?.outcome}, not DECIDED: ${evaluation?.explanation}`);
  }
}
