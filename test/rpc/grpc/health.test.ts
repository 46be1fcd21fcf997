import { once } from "node:events";
import {
  Client,
  type ClientReadableStream,
  credentials,
  type MethodDefinition,
  type ServiceError,
  status,
} from "@grpc/grpc-js";
import { service as healthDefinition } from "grpc-health-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { serve } from "../serve.ts";

const STRATEGIES = "strategyruntime.v1.StrategyService";
const SERVICES = [
  "",
  "strategyruntime.v1.StrategyRuntimeService",
  STRATEGIES,
  "strategyruntime.v1.PolicyService",
  "strategyruntime.v1.PerformanceService",
];

/** The stock client of grpc-health-check's own definitions. */
function healthClient(address: string) {
  const client = new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 });
  onTestFinished(() => client.close());
  const method = (name: string) => healthDefinition[name] as MethodDefinition<object, object>;
  const unary = (name: string, request: object) =>
    new Promise<Record<string, unknown>>((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = method(name);
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
        error ? reject(error) : resolve(answer as never),
      );
    });
  return {
    check: async (service: string) => (await unary("Check", { service })).status,
    list: async () => (await unary("List", {})).statuses,
    watch(service: string): ClientReadableStream<{ status: string }> {
      const { path, requestSerialize, responseDeserialize } = method("Watch");
      return client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service }) as never;
    },
  };
}

describe("grpc.health.v1", () => {
  it("says of each service, and of all, what the readiness says at that moment", async () => {
    let ready = new Set(SERVICES);
    const { server } = await serve({}, { ready: (service) => ready.has(service), healthPollMs: 3_600_000 });
    const { check } = healthClient(server.address);
    for (const service of SERVICES) {
      expect(await check(service)).toBe("SERVING");
    }
    ready = new Set([STRATEGIES]);
    for (const service of SERVICES) {
      expect(await check(service)).toBe(service === STRATEGIES ? "SERVING" : "NOT_SERVING");
    }
  });

  it("says NOT_FOUND of a service that is none", async () => {
    const { server } = await serve();
    const error = await healthClient(server.address)
      .check("nobody")
      .catch((thrown: ServiceError) => thrown);
    expect((error as ServiceError).code).toBe(status.NOT_FOUND);
  });

  it("is NOT_SERVING where the readiness cannot be told", async () => {
    const ready = () => {
      throw new Error("no status");
    };
    const { server } = await serve({}, { ready });
    expect(await healthClient(server.address).check("")).toBe("NOT_SERVING");
  });

  it("tells watchers of every change, and of nothing else", async () => {
    let ready = true;
    let asked = 0;
    const { server } = await serve({}, { ready: () => ++asked > 0 && ready, healthPollMs: 10 });
    const polled = () => {
      const before = asked;
      return vi.waitFor(() => expect(asked).toBeGreaterThan(before + 20));
    };
    const seen: string[] = [];
    const watch = healthClient(server.address).watch(STRATEGIES);
    watch.on("error", () => {});
    watch.on("data", ({ status: said }) => seen.push(said));
    await once(watch, "data");
    await polled();
    ready = false;
    await once(watch, "data");
    await polled();
    ready = true;
    await once(watch, "data");
    await polled();
    expect(seen).toEqual(["SERVING", "NOT_SERVING", "SERVING"]);
    watch.cancel();
  });

  it("lists all services", async () => {
    const { server } = await serve({}, { ready: (service) => service !== STRATEGIES });
    const statuses = (await healthClient(server.address).list()) as Record<string, { status: string }>;
    expect(Object.keys(statuses).sort()).toEqual([...SERVICES].sort());
    expect(statuses[STRATEGIES]?.status).toBe("NOT_SERVING");
  });

  it("goes NOT_SERVING at once when the server goes down, and answers until the last call has ended", async () => {
    const held = Promise.withResolvers<never>();
    const reached = Promise.withResolvers<void>();
    const { client, server } = await serve({
      runtime: {
        refresh: () => {
          reached.resolve();
          return held.promise;
        },
      },
    });
    const pending = client.call(StrategyRuntimeService.method.refreshStrategies, {}).catch(() => {});
    await reached.promise;
    const health = healthClient(server.address);
    const watch = health.watch("");
    const seen: string[] = [];
    watch.on("data", ({ status: said }) => seen.push(said));
    const ended = once(watch, "error");
    await once(watch, "data");
    const drained = server.drain(10_000);
    await once(watch, "data");
    expect(seen).toEqual(["SERVING", "NOT_SERVING"]);
    expect(await health.check("")).toBe("NOT_SERVING");
    held.reject(new Error("over"));
    await Promise.all([pending, drained]);
    expect((await ended)[0]).toMatchObject({ code: status.UNAVAILABLE, details: "the server is going down" });
  });
});
