import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  GenerateSignalsRequestSchema,
  GenerateSignalsResponseSchema,
  StrategyRuntimeService,
} from "../gen/strategyruntime/v1/runtime_service_pb.ts";
import { contest } from "./harness/contest.ts";
import type { Row } from "./harness/row.ts";
import { openWire, overWire, START_AT } from "./harness/wire.ts";
import { ECHO_STREAM } from "./processes/echo.ts";
import { decidingStrategies, symbolsOf } from "./samples/strategies.ts";

const PATH = `/${StrategyRuntimeService.typeName}/GenerateSignals`;

/** Every pair decides, so this is the cost of decisions, not of conditions that do not hold. */
export const ONE_SHOT: Row = {
  name: "one-shot",
  about:
    "one-shot GenerateSignals in which every pair decides (LEVEL, no cooldown, dry run), beside a bare stream of the same bytes",
  async run(size) {
    const work = size === "full" ? { strategies: 200, symbols: 50 } : { strategies: 5, symbols: 4 };
    const decisions = work.strategies * work.symbols;
    await using wire = openWire();
    const { service, echo, client } = wire;
    const symbols = symbolsOf(work.symbols);
    const strategies = decidingStrategies(work.strategies);
    const address = String(await service.ask({ ask: "start", strategies, symbols, decisions: [], startAt: START_AT }));
    const request = toBinary(
      GenerateSignalsRequestSchema,
      create(GenerateSignalsRequestSchema, { symbols: [...symbols], dryRun: true }),
    );
    const question = { ask: "stream", request, streams: 1 } as const;
    const { kept } = await client.ask({ ...question, address, path: PATH, keep: true });
    const messages = kept.map((bytes) => fromBinary(GenerateSignalsResponseSchema, bytes));
    const found = messages.reduce((sum, message) => sum + message.decisions.length, 0);
    if (found !== decisions) {
      throw new Error(`the call made ${found} decisions of ${decisions}: ${JSON.stringify(messages.at(-1)?.failures)}`);
    }
    // The summary's duration differs from call to call, and with it the last message by a few
    // bytes.
    const streamBytes = kept.slice(0, -1).map((bytes) => bytes.length);
    const echoAddress = String(await echo.ask({ ask: "start", responseBytes: 0, streamBytes }));
    const read = { ...question, messages: streamBytes.length };
    return await contest(
      {
        row: ONE_SHOT.name,
        measures: [
          {
            key: "perSecond",
            what: `${work.strategies} strategies × ${work.symbols} symbols`,
            unit: "decisions/s",
            better: "more",
          },
          { key: "cpuUs", what: "the server's CPU time", unit: "µs/decision", better: "less" },
        ],
        ours: {
          name: "GenerateSignals",
          run: () => overWire(client, service, { ...read, address, path: PATH }, () => decisions),
        },
        rivals: [
          {
            name: "bare grpc-js stream",
            run: () => overWire(client, echo, { ...read, address: echoAddress, path: ECHO_STREAM }, () => decisions),
          },
        ],
      },
      size,
    );
  },
};
