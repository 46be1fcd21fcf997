import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { status } from "@grpc/grpc-js";
import { describe, expect, it } from "vitest";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import type { Call, CallHook } from "../../../src/rpc/calls/call-hooks.ts";
import { collect, failureOf } from "../client.ts";
import * as sample from "../samples.ts";
import { gate, serve } from "../serve.ts";

const { getPolicy } = PolicyService.method;
const { generateSignals } = StrategyRuntimeService.method;

describe("hooks of calls", () => {
  it("run in order around the handler, and know the call", async () => {
    const trail: string[] = [];
    const calls: Call[] = [];
    const named =
      (name: string): CallHook =>
      async (call, next) => {
        trail.push(`${name} in`);
        calls.push(call);
        await next();
        trail.push(`${name} out`);
      };
    const get = async () => {
      trail.push("handler");
      return sample.POLICY;
    };
    const { client } = await serve({ policy: { get } }, { hooks: [named("a"), named("b")] });
    const deadline = Date.now() + 60_000;
    await client.call(getPolicy, {}, { metadata: { authorization: "Bearer x" }, deadline });
    expect(trail).toEqual(["a in", "b in", "handler", "b out", "a out"]);
    const [call] = calls;
    expect(call).toMatchObject({ service: "strategyruntime.v1.PolicyService", method: "GetPolicy", streaming: false });
    expect(call?.metadata("authorization")).toBe("Bearer x");
    expect(call?.metadata("absent")).toBeUndefined();
    expect(call?.peer).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(Math.abs((call?.deadline ?? 0) - deadline)).toBeLessThan(5_000);
  });

  it("refuse a call with a RuntimeError, and the handler never runs", async () => {
    const refuse: CallHook = async () => {
      throw new RuntimeError("unauthenticated", "give a token");
    };
    const { client, engine } = await serve({}, { hooks: [refuse] });
    const unary = await failureOf(client.call(getPolicy, {}));
    const { error } = await collect(client.stream(generateSignals, { symbols: ["X"] }));
    expect([unary.code, error?.code]).toEqual([status.UNAUTHENTICATED, status.UNAUTHENTICATED]);
    expect(engine.calls).toEqual([]);
  });

  it("hear what the caller is told: the handler's error, or that the caller has left", async () => {
    const heard: unknown[] = [];
    const ended = gate();
    const listen: CallHook = async (call, next) => {
      try {
        await next();
      } catch (error) {
        heard.push(error instanceof RuntimeError ? error.code : error);
        if (call.streaming) {
          ended.open();
        }
        throw error;
      }
    };
    const { client } = await serve(
      {
        policy: { get: () => Promise.reject(new TypeError("boom")) },
        runtime: {
          async *follow(_, signal) {
            yield sample.aBatch();
            await once(signal, "abort");
          },
        },
      },
      { hooks: [listen] },
    );
    await failureOf(client.call(getPolicy, {}));
    const stream = client.stream(generateSignals, { follow: true });
    stream.on("error", () => {});
    await once(stream, "data");
    stream.cancel();
    await ended.opened;
    expect(heard).toEqual(["internal", "cancelled"]);
  });

  it("hear that the caller has left, though the handler fails of itself after that", async () => {
    const left = gate();
    const reached = gate();
    const heard = gate<unknown>();
    const listen: CallHook = async (_, next) => {
      await next().catch((error) => {
        heard.open(error);
        throw error;
      });
    };
    const get = async () => {
      reached.open();
      await left.opened;
      throw new TypeError("the connection is gone");
    };
    const { client, log, server } = await serve({ policy: { get } }, { hooks: [listen] });
    const controller = new AbortController();
    const failed = failureOf(client.call(getPolicy, {}, { signal: controller.signal }));
    await reached.opened;
    controller.abort();
    await failed;
    // No call is open once the server has heard of the cancel.
    await server.drain(60_000);
    left.open();
    expect(await heard.opened).toMatchObject({ code: "cancelled" });
    expect(log).toEqual([]);
  });

  it("reach the handler with async context, streams included", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const hook: CallHook = (_, next) => storage.run("span", next);
    const { client } = await serve(
      {
        policy: {
          get: async () => {
            seen.push(storage.getStore());
            return sample.POLICY;
          },
        },
        runtime: {
          async *generate() {
            yield sample.aBatch();
            seen.push(storage.getStore());
          },
        },
      },
      { hooks: [hook] },
    );
    await client.call(getPolicy, {});
    await collect(client.stream(generateSignals, { symbols: ["X"] }));
    expect(seen).toEqual(["span", "span"]);
  });

  it("that run nothing and throw nothing are an internal error", async () => {
    const { client, log } = await serve({}, { hooks: [async () => {}] });
    expect((await failureOf(client.call(getPolicy, {}))).code).toBe(status.INTERNAL);
    const { error } = await collect(client.stream(generateSignals, { symbols: ["X"] }));
    expect(error?.code).toBe(status.INTERNAL);
    expect(log).toHaveLength(2);
  });
});
