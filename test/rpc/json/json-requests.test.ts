import type { DescMethod } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import { PerformanceService } from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { serveWeb } from "../serve-web.ts";

const METHODS: readonly DescMethod[] = [
  StrategyRuntimeService,
  StrategyService,
  PolicyService,
  PerformanceService,
].flatMap(({ methods }) => methods);

/** What each method would be served with, were there not one key too many. */
const REQUESTS: Readonly<Record<string, object>> = {
  Evaluate: { strategy_id: "s", symbol: "BTC" },
  EvaluateExit: { position_id: "p" },
  GenerateSignals: { symbols: ["BTC"] },
  SaveStrategy: { strategy: { strategy_id: "s" } },
  BatchSaveStrategies: { strategies: [{ strategy_id: "s" }] },
  GetStrategy: { strategy_id: "s" },
  SetStrategyStatus: { strategy_id: "s", status: "LIVE" },
  DeleteStrategy: { strategy_id: "s" },
  SetRiskMode: { risk_mode: "NORMAL" },
  SetGlobalMinConfidence: { min_confidence: 0.5 },
  SetTradingHalt: { halted: true, reason: "x" },
  SetCurrentRegime: { regime: "x" },
  ReportPositionOpened: { position: { position_id: "p", decision_id: "d" } },
  ReportPositionClosed: { position: { position_id: "p", exit_price: 1, closed_at: "2026-01-01T00:00:00Z" } },
  ReportDecisionRejected: { decision_id: "d" },
  GetStrategyPerformance: { strategy_id: "s" },
};

const pathOf = ({ parent, name }: DescMethod): string => `/${parent.typeName}/${name}`;

/** Sends a stream's request as Connect's JSON, and answers with the texts of all messages. */
async function streamed(
  url: string,
  path: string,
  request: object,
  type = "application/connect+json",
): Promise<readonly string[]> {
  const json = Buffer.from(JSON.stringify(request));
  const head = Buffer.from([0, 0, 0, 0, 0]);
  head.writeUInt32BE(json.length, 1);
  const headers = { "content-type": type };
  const response = await fetch(url + path, { method: "POST", headers, body: Buffer.concat([head, json]) });
  const bytes = Buffer.from(await response.arrayBuffer());
  const texts: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at + 1);
    texts.push(bytes.toString("utf8", at + 5, at + 5 + length));
    at += 5 + length;
  }
  return texts;
}

describe("a request whose JSON has a fault", () => {
  it.each(METHODS.filter(({ methodKind }) => methodKind === "unary"))("changes nothing: $name", async (method) => {
    const { post, engine } = await serveWeb();
    const refused = await post(pathOf(method), { ...REQUESTS[method.name], no_such_key: 1 });
    expect([refused.status, refused.json]).toMatchObject([
      400,
      { code: "invalid_argument", message: expect.stringMatching(/^no_such_key: is unknown/) },
    ]);
    // A strategy is validated, and a question asked: with what else may be wrong, the answer says
    // it at once.
    const { calls } = engine;
    expect(calls.filter(({ method: called, args }) => !isHarmless(called, args))).toEqual([]);
    expect((await post(pathOf(method), REQUESTS[method.name] ?? {})).status).toBe(200);
  });

  it.each(METHODS.filter(({ methodKind }) => methodKind !== "unary"))("begins no stream: $name", async (method) => {
    const { url, engine } = await serveWeb();
    const [told, ...more] = await streamed(url, pathOf(method), { ...REQUESTS[method.name], no_such_key: 1 });
    expect(told).toMatch(/^\{.*"code":"invalid_argument".*no_such_key: is unknown/);
    expect([more, engine.calls]).toEqual([[], []]);
    expect((await streamed(url, pathOf(method), REQUESTS[method.name] ?? {})).length).toBeGreaterThan(1);
  });

  it("is told of what its handler finds, too, but not twice of one field", async () => {
    const { post } = await serveWeb();
    const { json } = await post("/strategyruntime.v1.PolicyService/SetTradingHalt", { halted: "true", reson: " " });
    expect(json).toMatchObject({
      message:
        'reson: is unknown: call it reason; halted: is the text "true", must be true or false: write true; reason: is required where halted',
    });
    const mode = await post("/strategyruntime.v1.PolicyService/SetRiskMode", { risk_mode: "wild" });
    expect(mode.json).toMatchObject({
      message: 'risk_mode: is "wild", must be one of DEFENSIVE, NORMAL, AGGRESSIVE',
    });
    const listed = await post("/strategyruntime.v1.StrategyRuntimeService/ListDecisions", {
      symbols: "A B",
      page_size: -1,
    });
    expect(listed.json).toMatchObject({
      message: expect.stringMatching(
        /^symbols: is the text .*; symbols\[0\]: is "A B", must be .*; page_size: is -1, must be/,
      ),
    });
  });

  it("is refused the same as gRPC-Web's JSON", async () => {
    const { url, engine } = await serveWeb();
    const path = "/strategyruntime.v1.PolicyService/SetRiskMode";
    const type = "application/grpc-web+json";
    const [told] = await streamed(url, path, { risk_mode: "wild" }, type);
    expect(decodeURIComponent(told ?? "")).toMatch(/grpc-message: risk_mode: is "wild", must be one of DEFENSIVE/);
    expect(told).toContain("grpc-status: 3");
    expect(engine.calls).toEqual([]);
    const [fine] = await streamed(url, path, { risk_mode: "defensive" }, type);
    expect(fine).toMatch(/^\{"policy":/);
  });
});

function isHarmless(method: string, args: readonly unknown[]): boolean {
  const [query, options] = args as [{ faults?: readonly unknown[] }?, { validateOnly?: boolean }?];
  return method === "save" ? options?.validateOnly === true : method === "evaluate" && (query?.faults?.length ?? 0) > 0;
}
