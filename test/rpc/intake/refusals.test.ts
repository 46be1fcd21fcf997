import { describe, expect, it, vi } from "vitest";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { StreamLimit } from "../../../src/rpc/calls/stream-limit.ts";
import { BytesInFlight } from "../../../src/rpc/intake/bytes-in-flight.ts";
import { as, reach, refusalOf, WIRES } from "../budgets/wires.ts";
import { frame, grpcStatus, rawSession } from "../raw-http2.ts";
import { serve } from "../serve.ts";

const GET = "strategyruntime.v1.StrategyService/GetStrategy";
const LIST = "strategyruntime.v1.StrategyRuntimeService/ListDecisions";
const GENERATE = "strategyruntime.v1.StrategyRuntimeService/GenerateSignals";
const WHO = { kind: "exhausted", peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/), principal: { name: "viewer-1" } };

describe.each(WIRES)("over %s, the log hears once of a request", (wire) => {
  const large = { strategyId: "x".repeat(1024 * 1024) };

  it("that is too large", async () => {
    const { client, log } = await reach(wire, {}, {});
    await refusalOf(client(StrategyService).getStrategy(large, as("viewer-1")));
    await vi.waitFor(() => expect(log).toMatchObject([{ ...WHO, method: GET, limit: "size" }]));
  });

  it("whose list has too many entries", async () => {
    const { client, log } = await reach(wire, {}, {});
    const strategyIds = Array.from({ length: 10_001 }, (_, index) => `s${index}`);
    await refusalOf(client(StrategyRuntimeService).listDecisions({ strategyIds }, as("viewer-1")));
    expect(log).toMatchObject([{ ...WHO, method: LIST, limit: "entries" }]);
  });

  it("for which there is no room among all in flight, and of one above its caller's bytes", async () => {
    const { client, log } = await reach(wire, {}, { inFlight: new BytesInFlight(10) });
    await refusalOf(client(StrategyService).getStrategy({ strategyId: "x".repeat(100) }, as("viewer-1")));
    expect(log).toMatchObject([{ ...WHO, method: GET, limit: "bytes_in_flight" }]);
  });

  it("for which there is no place among all streams", async () => {
    const { client, log } = await reach(wire, {}, { streams: new StreamLimit(0) });
    const stream = client(StrategyRuntimeService).generateSignals({ symbols: ["X"] }, as("executor-1"));
    await refusalOf(stream[Symbol.asyncIterator]().next());
    expect(log).toMatchObject([{ kind: "exhausted", method: GENERATE, limit: "streams" }]);
  });
});

describe("over gRPC, the log hears once of a request", () => {
  it("that does not come in time", async () => {
    const { server, log } = await serve({}, { requestMs: 50 });
    const headers = { ":method": "POST", ":path": `/${GET}`, "content-type": "application/grpc", te: "trailers" };
    const stream = rawSession(server.address).request(headers);
    stream.on("error", () => {}).write(frame(Buffer.alloc(0), 10));
    await grpcStatus(stream);
    expect(log).toMatchObject([{ kind: "exhausted", method: GET, limit: "time" }]);
  });
});
