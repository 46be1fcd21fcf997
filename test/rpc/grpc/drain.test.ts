import { once } from "node:events";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { LongWorks } from "../../../src/engine/concurrency/long-work.ts";
import { systemClock } from "../../../src/process/system-clock.ts";
import { contractServices } from "../../../src/rpc/contract.ts";
import { startGrpcServer } from "../../../src/rpc/grpc/grpc-server.ts";
import { collect, connect, failureOf } from "../client.ts";
import * as sample from "../samples.ts";
import { gate, serve } from "../serve.ts";
import { stubEngine } from "../stub-engine.ts";

const { generateSignals, getRuntimeStatus, refreshStrategies } = StrategyRuntimeService.method;
const { getPolicy } = PolicyService.method;
const { watchPerformance } = PerformanceService.method;

describe("drain", () => {
  it("ends endless streams with UNAVAILABLE after the messages already sent, whatever the engine does", async () => {
    const reached = gate();
    const never = gate();
    const { client, server } = await serve({
      runtime: {
        async *follow() {
          for (let index = 0; index < 50; index++) {
            yield sample.aBatch({ resumeToken: `t${index}` });
          }
          reached.open();
          await never.opened;
        },
      },
      performance: {
        async *watch() {
          yield { resumeToken: "p0" };
          await never.opened;
        },
      },
    });
    const signals = collect(client.stream(generateSignals, { follow: true }));
    const watch = client.stream(watchPerformance, {});
    const first = once(watch, "data");
    const watched = new Promise((resolve) => watch.on("error", resolve));
    await Promise.all([reached.opened, first]);
    const start = performance.now();
    await server.drain(5_000);
    expect(performance.now() - start).toBeLessThan(2_500);
    const { messages, error } = await signals;
    expect(messages.map(({ resumeToken }) => resumeToken)).toEqual(Array.from({ length: 50 }, (_, i) => `t${i}`));
    const said = "the server is going down: connect again and resume with the last resume_token received";
    expect([error?.code, error?.details]).toEqual([status.UNAVAILABLE, said]);
    expect(await watched).toMatchObject({ code: status.UNAVAILABLE, details: said });
    never.open();
  });

  it("lets unary calls and one-shot streams finish, and refuses new ones", async () => {
    const held = gate();
    const reached = gate();
    const { client, server } = await serve({
      runtime: {
        refresh: async () => {
          reached.open();
          await held.opened;
          throw new RuntimeError("aborted", "finished");
        },
        async *generate() {
          yield sample.aBatch({ resumeToken: "one" });
          await held.opened;
          yield sample.aBatch({ resumeToken: "two" });
        },
      },
    });
    const unary = failureOf(client.call(refreshStrategies, {}));
    const oneShot = client.stream(generateSignals, { symbols: ["X"] });
    await Promise.all([reached.opened, once(oneShot, "readable")]);
    const drained = server.drain(5_000);
    const refused = await failureOf(client.call(getPolicy, {}));
    expect([refused.code, refused.details]).toEqual([
      status.UNAVAILABLE,
      "the server is going down: try again, on another connection",
    ]);
    const { error } = await collect(client.stream(generateSignals, { symbols: ["X"] }));
    expect(error?.code).toBe(status.UNAVAILABLE);
    held.open();
    expect((await unary).details).toBe("finished");
    expect((await collect(oneShot)).messages.map(({ resumeToken }) => resumeToken)).toEqual(["one", "two"]);
    await drained;
    expect((await failureOf(client.call(getPolicy, {}))).code).toBe(status.UNAVAILABLE);
  });

  it("cuts off what is left after the grace", async () => {
    const reached = gate();
    const { client, server } = await serve({ runtime: { refresh: () => new Promise(() => reached.open()) } });
    const failed = failureOf(client.call(refreshStrategies, {}));
    await reached.opened;
    const start = performance.now();
    await server.drain(200);
    expect(performance.now() - start).toBeGreaterThanOrEqual(195);
    expect(performance.now() - start).toBeLessThan(2_000);
    expect([status.UNAVAILABLE, status.CANCELLED, status.INTERNAL]).toContain((await failed).code);
  });

  it("is at once where nothing is open, and answers the same when asked again", async () => {
    const { client, server } = await serve();
    await client.call(getRuntimeStatus, {});
    await Promise.all([server.drain(60_000), server.drain(60_000)]);
    server.close();
  });
});

describe("the address", () => {
  const start = (address: string) =>
    startGrpcServer({
      address,
      services: contractServices(stubEngine(), { version: "", adapters: {} }),
      ready: () => true,
      log: () => {},
      longWorks: new LongWorks(systemClock),
    });

  it("is answered as bound, with the port that was free", async () => {
    const server = await start("127.0.0.1:0");
    expect(server.port).toBeGreaterThan(0);
    expect(server.address).toBe(`127.0.0.1:${server.port}`);
    server.close();
  });

  it("that is taken is refused by name, and free again after close", async () => {
    const first = await start("127.0.0.1:0");
    await expect(start(first.address)).rejects.toMatchObject({
      code: "failed_precondition",
      message: `cannot listen on ${first.address}: another process listens there; stop it or choose another port`,
    });
    first.close();
    const second = await start(first.address);
    const client = connect(second.address);
    await client.call(getPolicy, {});
    client.close();
    second.close();
  });

  it.each(["50051", "localhost", "127.0.0.1:99999", "::1:50051", "", "a b:1"])("%j is refused", async (address) => {
    await expect(start(address)).rejects.toThrow(address === "a b:1" ? /cannot listen on/ : JSON.stringify(address));
  });
});
