import { describe, expect, it } from "vitest";
import { RiskMode } from "../../../gen/strategyruntime/v1/policy_pb.ts";
import { PolicyService } from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyStatus } from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { StrategyService } from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { tokenAccess } from "../../../src/rpc/auth/access.ts";
import { type AuditEvent, auditLine, withAudit } from "../../../src/rpc/auth/audit.ts";
import { parseTokens } from "../../../src/rpc/auth/tokens.ts";
import { contractServices } from "../../../src/rpc/contract.ts";
import type { GrpcServerOptions } from "../../../src/rpc/grpc/grpc-server.ts";
import { failureOf } from "../client.ts";
import { serve } from "../serve.ts";
import { type StubAnswers, stubEngine } from "../stub-engine.ts";

const policy = PolicyService.method;
const strategy = StrategyService.method;
const admin = { metadata: { authorization: "Bearer token-of-the-admin" } };

async function audited(answers: StubAnswers = {}, options: Partial<GrpcServerOptions> = {}) {
  const events: AuditEvent[] = [];
  const services = contractServices(stubEngine(answers), { version: "1", adapters: {} }).map((one) =>
    withAudit(one, (event) => events.push(event)),
  );
  const access = tokenAccess(parseTokens("token-of-the-admin ann admin", "tokens.txt"));
  return { ...(await serve({}, { services, access, ...options })), events };
}

describe("orders", () => {
  it("are heard of with who gave them and what they say", async () => {
    const { client, events } = await audited();
    await client.call(policy.setRiskMode, { riskMode: RiskMode.AGGRESSIVE }, admin);
    await client.call(policy.setGlobalMinConfidence, { minConfidence: 0.7 }, admin);
    await client.call(policy.setAllowedStrategies, { strategyIds: ["b", "a"] }, admin);
    await client.call(policy.setAllowedStrategies, {}, admin);
    await client.call(policy.setTradingHalt, { halted: true, reason: "exchange down" }, admin);
    await client.call(policy.setTradingHalt, {}, admin);
    await client.call(policy.setCurrentRegime, { regime: "bull" }, admin);
    const status = { strategyId: "s", status: StrategyStatus.LIVE, reason: "good month" };
    await client.call(strategy.setStrategyStatus, status, admin);
    await client.call(strategy.batchSaveStrategies, { strategies: [{ strategyId: "x" }, { strategyId: "y" }] }, admin);
    expect(events.map(({ order }) => order)).toEqual([
      "risk mode AGGRESSIVE",
      "least confidence 0.7",
      "allowed strategies: b, a",
      "allowed strategies: all",
      "halt: exchange down",
      "no halt",
      "regime bull",
      "s becomes LIVE: good month",
      "save x as a strategy without status, y as a strategy without status",
    ]);
    expect(new Set(events.map(({ principal }) => principal?.name))).toEqual(new Set(["ann"]));
    const [first] = events;
    expect(first && auditLine(first)).toBe("ann (admin) ordered PolicyService/SetRiskMode: risk mode AGGRESSIVE");
    expect(first?.peer).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  it("that fail are heard of with the reason", async () => {
    const change = () => Promise.reject(new RuntimeError("unavailable", "the store is away"));
    const { client, events } = await audited({ policy: { change } });
    await failureOf(client.call(policy.setTradingHalt, { halted: true, reason: "now" }, admin));
    const [event] = events;
    expect(event && auditLine(event)).toBe(
      "ann (admin) ordered PolicyService/SetTradingHalt: halt: now; it failed: the store is away",
    );
  });

  it("by callers without a token are heard of too, where none are used", async () => {
    const identify = () => ({ name: "nobody", role: "viewer" }) as const;
    const { client, events } = await audited({}, { access: { admit: () => undefined, identify } });
    await client.call(policy.setCurrentRegime, {});
    expect(events).toMatchObject([{ order: "regime unknown" }]);
    expect(events[0] && auditLine(events[0])).toMatch(/^127\.0\.0\.1:\d+ without a token ordered /);
  });

  it("cannot forge lines of the log, nor flood it", async () => {
    const { client, events } = await audited();
    const reason = `x\n2026-01-01 admin ordered ${"y".repeat(100_000)}`;
    await failureOf(client.call(policy.setTradingHalt, { halted: true, reason }, admin));
    const [event] = events;
    expect(event?.order.length).toBeLessThan(600);
    expect(event?.order).not.toContain("\n");
  });
});

describe("calls that order nothing", () => {
  it("leave no line", async () => {
    const { client, events } = await audited();
    await client.call(policy.getPolicy, {}, admin);
    await client.call(strategy.listStrategies, {}, admin);
    await client.call(strategy.saveStrategy, { strategy: { strategyId: "s" }, validateOnly: true }, admin);
    expect(events).toEqual([]);
  });
});
