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
  const [following, as] = clientOf(question.address, question.executor);
  const request = create(GenerateSignalsRequestSchema, { follow: true });
  const bytes = Buffer.from(toBinary(GenerateSignalsRequestSchema, request));
  const path = `/${StrategyRuntimeService.typeName}/GenerateSignals`;
  const stream = following.makeServerStreamRequest(path, same, same, bytes, as);
  stream.on("data", (message: Buffer) => {
    receivedAt = epochMs();
    received += fromBinary(GenerateSignalsResponseSchema, message).decisions.length;
    onReceived();
  });
  stream.on("error", (error) => {
    throw error;
  });
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
  await new Promise((resolve) => stream.once("data", resolve));
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
