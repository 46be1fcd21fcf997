import { status } from "@grpc/grpc-js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PolicyService } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { ERROR_CODES, type ErrorCode, invalid, RuntimeError } from "../../src/domain/errors.ts";
import { toStatus } from "../../src/rpc/errors.ts";
import { collect, failureOf } from "./client.ts";
import { decodeStatus, detailsOf } from "./google-rpc.ts";
import { serve } from "./serve.ts";
import { serveWeb } from "./serve-web.ts";

const { getPolicy } = PolicyService.method;
const { generateSignals } = StrategyRuntimeService.method;

const EXPECTED: Readonly<Record<ErrorCode, status>> = {
  invalid: 3,
  not_found: 5,
  already_exists: 6,
  aborted: 10,
  failed_precondition: 9,
  resource_exhausted: 8,
  unavailable: 14,
  unauthenticated: 16,
  permission_denied: 7,
  cancelled: 1,
  deadline_exceeded: 4,
  internal: 13,
};

async function* failsFirst(error: unknown): AsyncGenerator<never> {
  yield await Promise.reject(error);
}

describe("a RuntimeError on the wire", () => {
  it.each(ERROR_CODES)(
    "%s has its status, its message and google.rpc details, for unary calls and streams",
    async (code) => {
      const failing = new RuntimeError(code, "BTC→USD: 100 % wrong; try again");
      const { client } = await serve({
        policy: { get: () => Promise.reject(failing) },
        runtime: { generate: () => failsFirst(failing) },
      });
      const unary = await failureOf(client.call(getPolicy, {}));
      const { error: streamed } = await collect(client.stream(generateSignals, { symbols: ["X"] }));
      for (const error of [unary, streamed]) {
        expect(error?.code).toBe(EXPECTED[code]);
        expect(error?.details).toBe("BTC→USD: 100 % wrong; try again");
        expect(error && detailsOf(error)).toEqual({
          code: EXPECTED[code],
          message: "BTC→USD: 100 % wrong; try again",
          violations: [],
          reason: code.toUpperCase(),
          domain: "strategyruntime",
        });
      }
    },
  );

  it("says when to try again, in every protocol", async () => {
    const failing = new RuntimeError("resource_exhausted", "too much", { retryAfterMs: 1_250 });
    const answers = { policy: { get: () => Promise.reject(failing) } };
    const { client } = await serve(answers);
    expect(detailsOf(await failureOf(client.call(getPolicy, {})))).toMatchObject({ retryAfterMs: 1_250 });
    const { post } = await serveWeb(answers);
    const { json } = await post("/strategyruntime.v1.PolicyService/GetPolicy", {});
    expect((json as { details: readonly object[] }).details).toContainEqual(
      expect.objectContaining({ type: "google.rpc.RetryInfo", debug: { retryDelay: "1.250s" } }),
    );
  });

  it("sends its cause to the log and not to the caller", async () => {
    const cause = new Error("password=secret at 10.0.0.1");
    const failing = new RuntimeError("unavailable", "the store does not answer: try again", { cause });
    const { client, log } = await serve({ policy: { get: () => Promise.reject(failing) } });
    const error = await failureOf(client.call(getPolicy, {}));
    expect(JSON.stringify([error, error.metadata.toJSON(), detailsOf(error)])).not.toContain("secret");
    expect(log).toMatchObject([
      { kind: "failed", method: "strategyruntime.v1.PolicyService/GetPolicy", error: failing },
    ]);
  });

  it("that the caller was told in full is not logged", async () => {
    const { client, log } = await serve({ policy: { get: () => Promise.reject(invalid([])) } });
    await failureOf(client.call(getPolicy, {}));
    expect(log).toEqual([]);
  });
});

describe("anything else that is thrown", () => {
  it.each([new TypeError("x is undefined"), "a text", undefined, { code: 7 }])(
    "is INTERNAL, without a word of it: %s",
    async (thrown) => {
      const { client, log } = await serve({
        policy: { get: () => Promise.reject(thrown) },
        runtime: {
          generate: () => {
            throw thrown;
          },
        },
      });
      const unary = await failureOf(client.call(getPolicy, {}));
      const { error: streamed } = await collect(client.stream(generateSignals, { symbols: ["X"] }));
      for (const error of [unary, streamed]) {
        expect([error?.code, error?.details]).toEqual([status.INTERNAL, "internal error; see the log"]);
      }
      expect(log.map((event) => event.kind === "failed" && event.error.cause)).toEqual([thrown, thrown]);
    },
  );

  it("while a stream runs comes after the messages before it", async () => {
    const { client } = await serve({
      runtime: {
        async *generate() {
          yield { decisions: [], suppressions: [], failures: [], resumeToken: "one" };
          throw new Error("boom");
        },
      },
    });
    const { messages, error } = await collect(client.stream(generateSignals, { symbols: ["X"] }));
    expect(messages.map(({ resumeToken }) => resumeToken)).toEqual(["one"]);
    expect(error?.code).toBe(status.INTERNAL);
  });

  it("such as an answer that cannot be encoded is INTERNAL, and the server goes on", async () => {
    const policies = [{ riskMode: "NORMAL", globalMinConfidence: "no number" }, { riskMode: "NORMAL" }] as never[];
    const { client } = await serve({ policy: { get: async () => policies.shift() as never } });
    expect((await failureOf(client.call(getPolicy, {}))).code).toBe(status.INTERNAL);
    expect((await failureOf(client.call(getPolicy, {}))).code).toBe(status.INTERNAL);
  });
});

describe("the trailers of a failure", () => {
  const trailerBytes = (error: RuntimeError): number => {
    const { details, metadata } = toStatus(error);
    const [bytes] = metadata.get("grpc-status-details-bin") as Buffer[];
    return encodeURI(details).length + (bytes?.toString("base64").length ?? 0);
  };

  it("stay under 8 KiB, whatever the violations, for some clients drop the status otherwise", () => {
    const texts = fc.string({ unit: "binary", maxLength: 2_000 });
    const violations = fc.array(fc.record({ field: texts, description: texts }), { maxLength: 100 });
    const small = fc.property(violations, (found) => {
      expect(trailerBytes(invalid(found))).toBeLessThan(7_500);
    });
    fc.assert(small, { numRuns: 50 });
    const wide = { field: "语".repeat(1_000), description: "语".repeat(1_000) };
    expect(trailerBytes(invalid([wide, wide]))).toBeLessThan(7_500);
  });

  it("say how many violations they leave out", () => {
    const violations = Array.from({ length: 1_000 }, (_, index) => ({ field: `f[${index}]`, description: "is wrong" }));
    const [bytes] = toStatus(invalid(violations)).metadata.get("grpc-status-details-bin") as Buffer[];
    const decoded = decodeStatus(bytes as Buffer).violations;
    const shown = decoded.length - 1;
    expect(shown).toBeGreaterThan(50);
    expect(decoded.slice(0, shown)).toEqual(violations.slice(0, shown));
    expect(decoded.at(-1)).toEqual({
      field: `f[${shown}]`,
      description: `and ${1_000 - shown} more faults from here on: mend these first`,
    });
  });

  it("carry half a surrogate pair as the replacement character", async () => {
    const broken = new RuntimeError("not_found", "there is no \ud800 here");
    const { client } = await serve({ policy: { get: () => Promise.reject(broken) } });
    expect((await failureOf(client.call(getPolicy, {}))).details).toBe("there is no \ufffd here");
  });
});
