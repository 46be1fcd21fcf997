import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { Client, credentials, Metadata } from "@grpc/grpc-js";
import { PolicyService, SetTradingHaltRequestSchema } from "../../gen/strategyruntime/v1/policy_service_pb.ts";
import {
  GenerateSignalsRequestSchema,
  GenerateSignalsResponseSchema,
  StrategyRuntimeService,
} from "../../gen/strategyruntime/v1/runtime_service_pb.ts";
import { answer } from "../harness/child.ts";
import { epochMs } from "../harness/epoch.ts";

/** The callers that must not be hurt: an executor that follows, and a controller that halts. */
export type DeskQuestion =
  | { readonly ask: "start"; readonly address: string; readonly executor: string; readonly controller: string }
  /** Waits until so many decisions have come since the start. */
  | { readonly ask: "decisions"; readonly count: number }
  /** Halts trading, and lets it go on. */
  | { readonly ask: "halt" };

export interface DeskAnswer {
  /** When the last of the decisions came, ms since the epoch. */
  readonly at: number;
  /** What the halt took, ms. */
  readonly haltMs: number;
}

const RETRY_MS = 20;

let received = 0;
let receivedAt = 0;
let onReceived = (): void => {};
let controller: ((halted: boolean) => Promise<void>) | undefined;

/** A connection of its own. */
function clientOf(address: string, token: string): readonly [Client, Metadata] {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  return [new Client(address, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 }), metadata];
}

const same = (bytes: Buffer): Buffer => bytes;

async function start(question: Extract<DeskQuestion, { ask: "start" }>): Promise<void> {
  await new Promise<void>((resolve) => follow(question, "", resolve));
  const [ordering, asController] = clientOf(question.address, question.controller);
  controller = (halted) =>
    new Promise((resolve, reject) => {
      const order = create(SetTradingHaltRequestSchema, { halted, reason: "bench" });
      const message = Buffer.from(toBinary(SetTradingHaltRequestSchema, order));
      const method = `/${PolicyService.typeName}/SetTradingHalt`;
      ordering.makeUnaryRequest(method, same, same, message, asController, (error) =>
        error ? reject(error) : resolve(),
      );
    });
}

/** Follows, and begins anew behind the last message wherever the stream ends. */
function follow(question: Extract<DeskQuestion, { ask: "start" }>, resumeToken: string, onBegun: () => void): void {
  const [client, as] = clientOf(question.address, question.executor);
  const request = create(GenerateSignalsRequestSchema, { follow: true, resumeToken });
  const bytes = Buffer.from(toBinary(GenerateSignalsRequestSchema, request));
  const stream = client.makeServerStreamRequest(
    `/${StrategyRuntimeService.typeName}/GenerateSignals`,
    same,
    same,
    bytes,
    as,
  );
  let token = resumeToken;
  stream.on("data", (bytesOfMessage: Buffer) => {
    const message = fromBinary(GenerateSignalsResponseSchema, bytesOfMessage);
    token = message.resumeToken || token;
    receivedAt = epochMs();
    received += message.decisions.length;
    onBegun();
    onReceived();
  });
  stream.on("error", (error) => {
    process.stderr.write(`the executor lost its stream: ${error.message}\n`);
    client.close();
    setTimeout(() => follow(question, token, onBegun), RETRY_MS);
  });
}

async function decisions(count: number): Promise<void> {
  while (received < count) {
    await new Promise<void>((resolve) => {
      onReceived = resolve;
    });
  }
}

answer<DeskQuestion, DeskAnswer>(async (question) => {
  let haltMs = 0;
  switch (question.ask) {
    case "start":
      await start(question);
      break;
    case "decisions":
      await decisions(question.count);
      break;
    case "halt": {
      const begin = performance.now();
      await controller?.(true);
      haltMs = performance.now() - begin;
      await controller?.(false);
      break;
    }
    default:
      question satisfies never;
  }
  return { at: receivedAt, haltMs };
});
