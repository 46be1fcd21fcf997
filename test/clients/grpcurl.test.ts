import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { describe, expect, it } from "vitest";
import { file_strategyruntime_v1_performance_service as performance } from "../../gen/strategyruntime/v1/performance_service_pb.ts";
import { file_strategyruntime_v1_policy_service as policy } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import { file_strategyruntime_v1_runtime_service as runtime } from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { file_strategyruntime_v1_strategy_service as strategy } from "../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { provideGrpcurl } from "../provide/grpcurl.ts";
import { startServer } from "../running-server.ts";
import { comparable, PAGE, PAGE_ENVIRONMENT, runStep, stepsOf } from "./grpcurl-page.ts";

const page = readFileSync(PAGE, "utf8");
const METHODS = [strategy, runtime, performance, policy].flatMap(({ services }) =>
  services.flatMap(({ typeName, methods }) => methods.map(({ name }) => `${typeName}/${name}`)),
);

describe("the tour with grpcurl", () => {
  it("calls every method of the contract, and health", () => {
    const commands = stepsOf(page).map(({ command }) => command);
    const called = (method: string) => commands.some((command) => command.includes(method));
    expect(METHODS.length).toBe(25);
    expect([...METHODS, "grpc.health.v1.Health/Check"].filter((method) => !called(method))).toEqual([]);
  });

  it("tells its readers to start the server that its answers come from", () => {
    const settings = Object.entries(PAGE_ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
    expect(page).toContain(`${settings.join(" ")} npm start`);
  });

  it("shows what a fresh server answers, but for times and durations", { timeout: 120_000 }, async () => {
    const { grpcurl } = await provideGrpcurl();
    const server = await startServer(PAGE_ENVIRONMENT);
    for (const { command, answer } of stepsOf(page)) {
      const real = await runStep(command, server.address, dirname(grpcurl));
      const advice = `where the new answer is right: npx node test/clients/write-grpcurl-page.ts\n${command}`;
      expect(comparable(real), advice).toBe(comparable(answer));
    }
  });
});
