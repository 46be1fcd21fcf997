import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { create, createFileRegistry, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { RuntimeError } from "../../../src/domain/errors.ts";
import { reflectionProtocol } from "../../../src/rpc/public-protos.ts";
import { provideGrpcurl } from "../../provide/grpcurl.ts";
import { serve } from "../serve.ts";

const SERVICES = [
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
  "strategyruntime.v1.PerformanceService",
  "strategyruntime.v1.PolicyService",
  "strategyruntime.v1.StrategyRuntimeService",
  "strategyruntime.v1.StrategyService",
];

interface Answer extends Message {
  readonly validHost: string;
  readonly originalRequest: Message;
  readonly messageResponse: { readonly case: string; readonly value: Record<string, never> };
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

/** Asks one thing after the other on one stream. */
async function ask(address: string, version: "v1" | "v1alpha", ...questions: readonly object[]): Promise<Answer[]> {
  const { parent, name, input, output } = reflectionProtocol(version);
  const client = new Client(address, credentials.createInsecure());
  onTestFinished(() => client.close());
  const stream = client.makeBidiStreamRequest(`/${parent.typeName}/${name}`, same, same);
  for (const messageRequest of questions) {
    const bytes =
      messageRequest instanceof Uint8Array
        ? messageRequest
        : toBinary(input, create(input, { host: "h", messageRequest }));
    stream.write(Buffer.from(bytes));
  }
  stream.end();
  const answers: Answer[] = [];
  for await (const bytes of stream) {
    answers.push(fromBinary(output, bytes) as Answer);
  }
  return answers;
}

function filesIn(answer: Answer | undefined) {
  const files = (answer?.messageResponse.value.fileDescriptorProto ?? []) as Uint8Array[];
  return files.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
}

/** Fails where an import is not among the files. */
function importsFirst(files: readonly FileDescriptorProto[]): FileDescriptorProto[] {
  const sorted: FileDescriptorProto[] = [];
  const add = (name: string): void => {
    const file = files.find((candidate) => candidate.name === name);
    expect(file?.name).toBe(name);
    if (file !== undefined && !sorted.includes(file)) {
      file.dependency.forEach(add);
      sorted.push(file);
    }
  };
  for (const { name } of files) {
    add(name);
  }
  return sorted;
}

describe.each(["v1", "v1alpha"] as const)("reflection %s", (version) => {
  it("lists all services, health and reflection among them", async () => {
    const { server } = await serve();
    const [answer] = await ask(server.address, version, { case: "listServices", value: "*" });
    expect(answer?.validHost).toBe("h");
    expect(answer?.originalRequest).toMatchObject({ messageRequest: { case: "listServices", value: "*" } });
    const { service } = (answer as Answer).messageResponse.value as unknown as { service: { name: string }[] };
    expect(service.map(({ name }) => name)).toEqual(SERVICES);
  });

  it("answers a symbol of any kind with its file first and all that this imports, enough to build it", async () => {
    const { server } = await serve();
    const symbols = [
      ...SERVICES,
      "strategyruntime.v1.StrategyRuntimeService.Evaluate",
      "strategyruntime.v1.TradeDecision",
      "strategyruntime.v1.TradeDecision.MetadataEntry",
      "strategyruntime.v1.Outcome",
      "google.protobuf.Duration",
      "grpc.health.v1.HealthCheckResponse.ServingStatus",
    ];
    const questions = symbols.map((value) => ({ case: "fileContainingSymbol", value }));
    const answers = await ask(server.address, version, ...questions);
    for (const [index, answer] of answers.entries()) {
      const files = filesIn(answer);
      const [asked] = files;
      const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: importsFirst(files) }));
      const name = symbols[index] as string;
      const parent = name.slice(0, name.lastIndexOf("."));
      const found = registry.get(name) ?? registry.getService(parent) ?? registry.getMessage(parent);
      expect(found?.file.proto.name).toBe(asked?.name);
    }
    expect(answers).toHaveLength(symbols.length);
  });

  it("answers a file by name, with its imports", async () => {
    const { server } = await serve();
    const value = "strategyruntime/v1/decision.proto";
    const names = filesIn((await ask(server.address, version, { case: "fileByFilename", value }))[0]).map(
      (f) => f.name,
    );
    expect(names[0]).toBe(value);
    expect(names.slice(1).sort()).toEqual([
      "google/protobuf/duration.proto",
      "google/protobuf/timestamp.proto",
      "strategyruntime/v1/policy.proto",
      "strategyruntime/v1/strategy.proto",
    ]);
  });

  it("says what it does not have, and goes on", async () => {
    const { server } = await serve();
    const answers = await ask(
      server.address,
      version,
      { case: "fileByFilename", value: "nobody.proto" },
      { case: "fileContainingSymbol", value: "nobody" },
      { case: "fileContainingExtension", value: { containingType: "strategyruntime.v1.Policy", extensionNumber: 5 } },
      { case: "allExtensionNumbersOfType", value: "nobody" },
      { case: undefined },
      { case: "allExtensionNumbersOfType", value: "strategyruntime.v1.Policy" },
    );
    const codes = answers.map(({ messageResponse }) => messageResponse.value.errorCode);
    expect(codes).toEqual([5, 5, 5, 5, 3, undefined]);
    expect(answers[5]?.messageResponse.value).toMatchObject({ baseTypeName: "strategyruntime.v1.Policy" });
  });

  it("refuses bytes that are no request", async () => {
    const { server } = await serve();
    const error = await ask(server.address, version, Buffer.from([0xff])).catch((thrown: ServiceError) => thrown);
    expect((error as ServiceError).code).toBe(status.INVALID_ARGUMENT);
  });
});

describe("grpcurl, which knows the contract by reflection alone", () => {
  let command = "";
  beforeAll(async () => {
    command = (await provideGrpcurl()).grpcurl;
  }, 300_000);

  const grpcurl = async (...args: string[]) => {
    try {
      return (await promisify(execFile)(command, ["-plaintext", ...args])).stdout;
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      throw new Error(`${stdout}${stderr}`);
    }
  };

  it("lists the services, and the methods of each", async () => {
    const { server } = await serve();
    expect((await grpcurl(server.address, "list")).trim().split("\n")).toEqual(SERVICES);
    expect(await grpcurl(server.address, "list", "strategyruntime.v1.PolicyService")).toContain(
      "strategyruntime.v1.PolicyService.SetRiskMode",
    );
  });

  it("describes everything", async () => {
    const { server } = await serve();
    const all = await grpcurl(server.address, "describe");
    for (const service of SERVICES) {
      expect(all).toContain(`${service} is a service:`);
    }
    expect(await grpcurl(server.address, "describe", "strategyruntime.v1.Position")).toContain(
      ".google.protobuf.Timestamp opened_at = 8;",
    );
    expect(await grpcurl(server.address, "describe", "grpc.health.v1.HealthListResponse")).toContain(
      "map<string, .grpc.health.v1.HealthCheckResponse> statuses = 1;",
    );
  });

  it("calls unary and streaming methods", async () => {
    const { server, engine } = await serve();
    const service = "strategyruntime.v1.StrategyRuntimeService";
    const request = '{"strategyId":"dip","symbol":"BTCUSDT","at":"2026-01-02T03:04:05.5Z"}';
    const answer = await grpcurl("-d", request, server.address, `${service}/Evaluate`);
    expect(JSON.parse(answer).evaluation).toMatchObject({ outcome: "OUTCOME_DECIDED", side: "SIDE_LONG" });
    expect(engine.argsOf("evaluate")[0]).toMatchObject({ at: Date.UTC(2026, 0, 2, 3, 4, 5, 500) });
    const streamed = await grpcurl("-d", '{"symbols":["BTCUSDT"]}', server.address, `${service}/GenerateSignals`);
    expect(streamed).toContain('"requiredConfidence": 0.5');
    expect(JSON.parse(streamed).summary).toMatchObject({ evaluations: "4", duration: "0.012500s" });
    expect(await grpcurl(server.address, "grpc.health.v1.Health/Check")).toContain("SERVING");
  });

  it("shows the violations of a refused request", async () => {
    const { server } = await serve();
    const call = grpcurl(
      "-d",
      '{"symbols":["X","X"]}',
      server.address,
      "strategyruntime.v1.StrategyRuntimeService/GenerateSignals",
    );
    const text = await call.then(String, (error: Error) => error.message);
    expect(text).toContain("Code: InvalidArgument");
    expect(text).toMatch(
      /"@type": "type.googleapis.com\/google.rpc.BadRequest",\s+"fieldViolations": \[\s+\{\s+"field": "symbols\[1\]"/,
    );
    expect(text).toMatch(/"domain": "strategyruntime",\s+"reason": "INVALID"/);
  });

  it("shows a long list of violations whole enough to act on", async () => {
    const violations = Array.from({ length: 500 }, (_, index) => ({ field: `f[${index}]`, description: "is wrong" }));
    const failing = new RuntimeError("invalid", "语".repeat(9_000), { violations });
    const { server } = await serve({ policy: { get: () => Promise.reject(failing) } });
    const text = await grpcurl(server.address, "strategyruntime.v1.PolicyService/GetPolicy").catch(String);
    expect(text).toContain("more faults from here on");
  });
});
