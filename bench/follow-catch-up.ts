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
import { decisionsOf } from "./samples/decisions.ts";

const PATH = `/${StrategyRuntimeService.typeName}/GenerateSignals`;
const BARE = "bare grpc-js stream";
const DECISIONS_A_MESSAGE = 200;

/** A reader that was away and reads everything from the start of the journal. */
export const FOLLOW_CATCH_UP: Row = {
  name: "follow-catch-up",
  about:
    "GenerateSignals with follow from the start of a journal, 200 decisions a message, beside a bare grpc-js stream of the same bytes",
  async run(size) {
    // The round that warms up reads 200,000 decisions: with fewer, half of what is measured is code
    // that the compiler has not come to yet.
    const work = size === "full" ? { decisions: 20_000, streams: 10 } : { decisions: 600, streams: 1 };
    const { streams } = work;
    await using wire = openWire();
    const { service, echo, client } = wire;
    const decisions = decisionsOf(work.decisions, START_AT);
    const address = String(
      await service.ask({ ask: "start", strategies: [], symbols: [], decisions, startAt: START_AT }),
    );
    const request = toBinary(
      GenerateSignalsRequestSchema,
      create(GenerateSignalsRequestSchema, { follow: true, resumeToken: "start" }),
    );
    // An empty message comes first, then full ones.
    const messages = 1 + work.decisions / DECISIONS_A_MESSAGE;
    const question = { ask: "stream", request, messages } as const;
    const { kept } = await client.ask({ ...question, address, path: PATH, streams: 1, keep: true });
    const found = kept.reduce(
      (sum, bytes) => sum + fromBinary(GenerateSignalsResponseSchema, bytes).decisions.length,
      0,
    );
    if (found !== work.decisions) {
      throw new Error(`the stream sent ${found} decisions of ${work.decisions} in ${messages} messages`);
    }
    const echoAddress = String(
      await echo.ask({ ask: "start", responseBytes: 0, streamBytes: kept.map((bytes) => bytes.length) }),
    );
    const sent = work.decisions * streams;
    return await contest(
      {
        row: FOLLOW_CATCH_UP.name,
        // A round lasts half a second, of which what else the machine does is a large part.
        rounds: 15,
        measures: [
          {
            key: "perSecond",
            what: `${work.decisions} decisions, ${DECISIONS_A_MESSAGE} a message`,
            unit: "decisions/s",
            better: "more",
            target: {
              text: `>= 0.6 × ${BARE}`,
              kept: (_, ratios) => (ratios.get(BARE) ?? 0) >= 0.6,
            },
          },
          { key: "cpuUs", what: "the server's CPU time", unit: "µs/decision", better: "less" },
        ],
        ours: {
          name: "follow",
          run: () => overWire(client, service, { ...question, streams, address, path: PATH }, () => sent),
        },
        rivals: [
          {
            name: BARE,
            run: () =>
              overWire(client, echo, { ...question, streams, address: echoAddress, path: ECHO_STREAM }, () => sent),
          },
        ],
      },
      size,
    );
  },
};
