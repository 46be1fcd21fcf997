import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import { Code, ConnectError } from "@connectrpc/connect";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { RiskMode } from "../../../gen/strategyruntime/v1/policy_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { ERROR_CODES, invalid, RuntimeError } from "../../../src/domain/errors.ts";
import type { Call, CallHook } from "../../../src/rpc/calls/call-hooks.ts";
import { GRPC_STATUS } from "../../../src/rpc/errors.ts";
import { errorDetail } from "../../../src/rpc/public-protos.ts";
import * as sample from "../samples.ts";
import { gate } from "../serve.ts";
import { PROTOCOLS, serveWeb } from "../serve-web.ts";

const RUNTIME = "/strategyruntime.v1.StrategyRuntimeService";
const POLICY = "/strategyruntime.v1.PolicyService";

async function collect<T>(stream: AsyncIterable<T>): Promise<readonly T[]> {
  const messages: T[] = [];
  for await (const message of stream) {
    messages.push(message);
  }
  return messages;
}

/** The error that a call or a stream fails with. */
async function failureOf(call: Promise<unknown> | AsyncIterable<unknown>): Promise<ConnectError> {
  try {
    if (Symbol.asyncIterator in call) {
      await collect(call);
    } else {
      await call;
    }
  } catch (error) {
    return ConnectError.from(error);
  }
  throw new Error("the call did not fail");
}

describe.each(PROTOCOLS)("a %s client", (protocol) => {
  it("calls each service, and reads what the engine answered", async () => {
    const { client, engine } = await serveWeb();
    const status = await client(protocol, StrategyRuntimeService).getRuntimeStatus({});
    expect([status.version, status.whyNot]).toEqual(["1.2.3", ["no policy"]]);
    const saved = await client(protocol, StrategyService).getStrategy({ strategyId: "dip" });
    expect(saved.strategy?.strategyId).toBe("dip");
    const policy = await client(protocol, PolicyService).setRiskMode({ riskMode: RiskMode.AGGRESSIVE });
    expect(policy.policy?.haltReason).toBe("maintenance");
    const performance = await client(protocol, PerformanceService).getStrategyPerformance({ strategyId: "dip" });
    expect(performance.performance?.totalPnlUsd).toBe(99);
    expect(engine.argsOf("change")).toEqual([{ riskMode: "AGGRESSIVE" }]);
  });

  it("lists the indicators that conditions may name", async () => {
    const { client } = await serveWeb();
    const { indicators } = await client(protocol, StrategyService).listIndicators({});
    expect(indicators.length).toBeGreaterThan(200);
    const rsi = indicators.find(({ name }) => name === "RSI");
    expect(rsi).toMatchObject({ low: 0, high: 100, takesSource: true, settledBars: 388, example: "RSI_14 < 30" });
  });

  it("follows a stream message by message, and its leaving ends the engine's side", async () => {
    const next = gate();
    const ended = gate();
    const { client } = await serveWeb({
      runtime: {
        async *follow(_, signal) {
          try {
            yield sample.aBatch({ resumeToken: "first" });
            await next.opened;
            yield sample.aBatch({ resumeToken: "second", decisions: [sample.aDecision()] });
            await once(signal, "abort");
          } finally {
            ended.open();
          }
        },
      },
    });
    const leave = new AbortController();
    const stream = client(protocol, StrategyRuntimeService).generateSignals({ follow: true }, { signal: leave.signal });
    const messages = stream[Symbol.asyncIterator]();
    expect((await messages.next()).value?.resumeToken).toBe("first");
    next.open();
    expect((await messages.next()).value?.decisions[0]?.strategyId).toBe("dip");
    leave.abort();
    await ended.opened;
  });

  it("gets thousands of messages in order", async () => {
    const { client } = await serveWeb({
      runtime: {
        async *generate() {
          for (let index = 0; index < 3_000; index++) {
            yield sample.aBatch({ resumeToken: String(index) });
          }
        },
      },
    });
    const messages = await collect(client(protocol, StrategyRuntimeService).generateSignals({ symbols: ["X"] }));
    expect(messages.map(({ resumeToken }) => Number(resumeToken))).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
  });

  it.each(ERROR_CODES)(
    "is told of %s by the same table as on gRPC, with the reason, in calls and streams",
    async (code) => {
      const failing = new RuntimeError(code, "BTC→USD: 100 % wrong; try again");
      const { client } = await serveWeb({
        policy: { get: () => Promise.reject(failing) },
        runtime: {
          // biome-ignore lint/correctness/useYield: it fails before its first message.
          async *generate() {
            throw failing;
          },
        },
      });
      const errors = [
        await failureOf(client(protocol, PolicyService).getPolicy({})),
        await failureOf(client(protocol, StrategyRuntimeService).generateSignals({ symbols: ["X"] })),
      ];
      for (const error of errors) {
        expect([error.code, error.rawMessage]).toEqual([GRPC_STATUS[code], "BTC→USD: 100 % wrong; try again"]);
        expect(error.findDetails(errorDetail("ErrorInfo"))).toMatchObject([
          { reason: code.toUpperCase(), domain: "strategyruntime" },
        ]);
      }
    },
  );

  it("is told every violation at once, with its field", async () => {
    const violations = Array.from({ length: 300 }, (_, i) => ({
      field: `strategies[${i}].name`,
      description: "is required",
    }));
    const { client } = await serveWeb({ policy: { get: () => Promise.reject(invalid(violations)) } });
    const error = await failureOf(client(protocol, PolicyService).getPolicy({}));
    expect(error.findDetails(errorDetail("BadRequest"))).toMatchObject([{ fieldViolations: violations }]);
  });

  it("is stopped at its deadline, whatever the handler does", async () => {
    const { client } = await serveWeb({
      runtime: {
        evaluate: () => new Promise(() => {}),
        async *generate() {
          yield sample.aBatch();
          await new Promise(() => {});
        },
      },
    });
    const runtime = client(protocol, StrategyRuntimeService);
    const request = { strategy: { case: "strategyId", value: "x" }, symbol: "X" } as const;
    expect((await failureOf(runtime.evaluate(request, { timeoutMs: 100 }))).code).toBe(Code.DeadlineExceeded);
    expect((await failureOf(runtime.generateSignals({ symbols: ["X"] }, { timeoutMs: 100 }))).code).toBe(
      Code.DeadlineExceeded,
    );
  });
});

describe("JSON as curl sends it", () => {
  it("is answered with JSON, in the contract's names", async () => {
    const { post, engine } = await serveWeb();
    const saved = await post(`${POLICY}/SetTradingHalt`, { halted: true, reason: "maintenance" });
    expect(saved).toMatchObject({ status: 200, json: { policy: { halted: true, haltReason: "maintenance" } } });
    expect(saved.headers.get("content-type")).toBe("application/json");
    expect(engine.argsOf("change")).toEqual([{ halted: true, haltReason: "maintenance" }]);
  });

  it("may name fields as the contract does", async () => {
    const { post, engine } = await serveWeb();
    await post(`${POLICY}/SetGlobalMinConfidence`, { min_confidence: 0.7 });
    expect(engine.argsOf("change")).toEqual([{ globalMinConfidence: 0.7 }]);
  });

  it("is refused where a name is misspelt, and nothing is done", async () => {
    const { post, engine } = await serveWeb();
    const { status, json } = await post("/strategyruntime.v1.StrategyService/SaveStrategy", { validateOnyl: true });
    expect([status, json]).toMatchObject([
      400,
      {
        code: "invalid_argument",
        message: expect.stringMatching(/^validateOnyl: is unknown: call it validate_only; /),
      },
    ]);
    expect(engine.calls).toEqual([]);
  });

  it("is made by POST alone: a page elsewhere can send a GET without asking", async () => {
    const { url, engine } = await serveWeb();
    for (const method of ["GetPolicy", "SetTradingHalt"]) {
      const answer = await fetch(`${url}${POLICY}/${method}?connect=v1&encoding=json&message=%7B%7D`);
      expect([answer.status, answer.headers.get("allow")]).toEqual([405, "POST"]);
    }
    expect(engine.calls).toEqual([]);
  });

  it("says what is wrong, readable beside the bytes", async () => {
    const { post } = await serveWeb();
    const { status, json } = await post(`${RUNTIME}/ListDecisions`, { symbols: ["no such symbol"] });
    expect(status).toBe(400);
    const { code, details } = json as { code: string; details: { type: string; debug: object }[] };
    expect(code).toBe("invalid_argument");
    const [badRequest, info] = details;
    expect(badRequest?.type).toBe("google.rpc.BadRequest");
    expect(badRequest?.debug).toMatchObject({ fieldViolations: [{ field: "symbols[0]" }] });
    expect(info).toMatchObject({ type: "google.rpc.ErrorInfo", debug: { reason: "INVALID" } });
  });
});

describe("an unforeseen failure", () => {
  it("is internal without a word of the cause, which goes to the log", async () => {
    const cause = new TypeError("password=secret at 10.0.0.1");
    const { post, log } = await serveWeb({ policy: { get: () => Promise.reject(cause) } });
    const { status, json } = await post(`${POLICY}/GetPolicy`, {});
    expect([status, json]).toMatchObject([500, { code: "internal", message: "internal error; see the log" }]);
    expect(JSON.stringify(json)).not.toContain("secret");
    expect(log).toMatchObject([
      { kind: "failed", method: "strategyruntime.v1.PolicyService/GetPolicy", error: { cause } },
    ]);
  });
});

describe("hooks of calls on the web port", () => {
  it("know the call, run around the handler, and their async context reaches it, streams included", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const calls: Call[] = [];
    const hook: CallHook = async (call, next) => {
      calls.push(call);
      await storage.run("span", next);
      seen.push(`${call.method} out`);
    };
    const { post, client } = await serveWeb(
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
            yield sample.aBatch();
            seen.push(storage.getStore());
          },
        },
      },
      { hooks: [hook] },
    );
    await post(`${POLICY}/GetPolicy`, {}, { authorization: "Bearer x", "connect-timeout-ms": "5000" });
    await collect(client("gRPC-Web", StrategyRuntimeService).generateSignals({ symbols: ["X"] }));
    expect(seen).toEqual(["span", "GetPolicy out", "span", "span", "GenerateSignals out"]);
    const [call, stream] = calls;
    expect(call).toMatchObject({ service: "strategyruntime.v1.PolicyService", method: "GetPolicy", streaming: false });
    expect(call?.metadata("authorization")).toBe("Bearer x");
    expect(call?.peer).toMatch(/^127\.0\.0\.1:\d+$/);
    expect((call?.deadline ?? 0) - Date.now()).toBeLessThanOrEqual(5_000);
    expect([stream?.streaming, stream?.deadline]).toEqual([true, undefined]);
  });

  it("refuse a call before its body has come", async () => {
    const refuse: CallHook = async () => {
      throw new RuntimeError("unauthenticated", "give a token");
    };
    const { url, engine } = await serveWeb({}, { hooks: [refuse] });
    // The body never ends; the answer comes all the same.
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode("{")) });
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body, duplex: "half" } as RequestInit;
    const response = await fetch(`${url}${POLICY}/GetPolicy`, init);
    expect([response.status, await response.json()]).toMatchObject([401, { message: "give a token" }]);
    expect(engine.calls).toEqual([]);
  });

  it.each([
    ["invalid", "{", {}],
    ["resource_exhausted", JSON.stringify({ reason: "x".repeat(2_000) }), {}],
    ["internal", "{}", { policy: { change: () => Promise.reject(new TypeError("boom")) } }],
    ["not_found", "{}", { policy: { change: () => Promise.reject(new RuntimeError("not_found", "x")) } }],
  ])("hear %s, as the caller does", async (code, body, answers) => {
    const heard = gate<unknown>();
    const listen: CallHook = async (_, next) => {
      await next().catch((error) => {
        heard.open(error);
        throw error;
      });
    };
    const { post } = await serveWeb(answers, { hooks: [listen], maxReceiveBytes: 1_000 });
    expect((await post(`${POLICY}/SetTradingHalt`, body)).status).toBeGreaterThanOrEqual(400);
    expect(await heard.opened).toMatchObject({ code });
  });

  it.each(["unary", "stream"])("hear that the caller has left: %s", async (kind) => {
    const heard = gate<unknown>();
    const reached = gate();
    const listen: CallHook = async (_, next) => {
      await next().catch((error) => {
        heard.open(error);
        throw error;
      });
    };
    const { client } = await serveWeb(
      {
        policy: {
          get: () => {
            reached.open();
            return new Promise(() => {});
          },
        },
        runtime: {
          async *follow() {
            yield sample.aBatch();
            reached.open();
            await new Promise(() => {});
          },
        },
      },
      { hooks: [listen] },
    );
    const leave = new AbortController();
    const options = { signal: leave.signal };
    const call =
      kind === "unary"
        ? client("Connect", PolicyService).getPolicy({}, options)
        : client("Connect", StrategyRuntimeService).generateSignals({ follow: true }, options);
    const failed = failureOf(call);
    await reached.opened;
    leave.abort();
    expect((await failed).code).toBe(Code.Canceled);
    expect(await heard.opened).toMatchObject({ code: "cancelled" });
  });

  it("that run nothing and throw nothing are an internal error", async () => {
    const { post, log } = await serveWeb({}, { hooks: [async () => {}] });
    expect((await post(`${POLICY}/GetPolicy`, {})).status).toBe(500);
    expect(log).toHaveLength(1);
  });
});
