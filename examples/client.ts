import {
  create,
  type DescMessage,
  type DescMethod,
  type DescService,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from "@bufbuild/protobuf";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { PerformanceService } from "../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../gen/strategyruntime/v1/strategy_service_pb.ts";

/**
 * No unary call waits longer than this. Streams last until they are left or ended by the server.
 */
const DEADLINE_MS = 10_000;

type Unary = { readonly methodKind: "unary"; readonly input: DescMessage; readonly output: DescMessage };
type Streaming = { readonly methodKind: "server_streaming"; readonly input: DescMessage; readonly output: DescMessage };

type Call<M> = M extends Unary
  ? (request: MessageInitShape<M["input"]>) => Promise<MessageShape<M["output"]>>
  : M extends Streaming
    ? (request: MessageInitShape<M["input"]>, signal?: AbortSignal) => AsyncIterable<MessageShape<M["output"]>>
    : never;

/** One function a method of the service, by its name: `saveStrategy`, `generateSignals`. */
export type ServiceClient<S extends DescService> = { readonly [K in keyof S["method"]]: Call<S["method"][K]> };

/** The whole contract, over one connection. A call that fails throws grpc-js's ServiceError. */
export interface RuntimeClient {
  readonly strategies: ServiceClient<typeof StrategyService>;
  readonly runtime: ServiceClient<typeof StrategyRuntimeService>;
  readonly policy: ServiceClient<typeof PolicyService>;
  readonly performance: ServiceClient<typeof PerformanceService>;
  close(): void;
}

/**
 * A typed client made of a stock grpc-js client and the generated descriptors. `address` is
 * host:port, in plaintext.
 */
export function connect(address: string): RuntimeClient {
  const client = new Client(address, credentials.createInsecure());
  return {
    strategies: serviceClient(client, StrategyService),
    runtime: serviceClient(client, StrategyRuntimeService),
    policy: serviceClient(client, PolicyService),
    performance: serviceClient(client, PerformanceService),
    close: () => client.close(),
  };
}

function serviceClient<S extends DescService>(client: Client, service: S): ServiceClient<S> {
  const calls = service.methods.map((method) => [
    method.localName,
    method.methodKind === "unary" ? unary(client, method) : streaming(client, method),
  ]);
  return Object.fromEntries(calls);
}

function unary(client: Client, method: DescMethod) {
  return (request: Record<string, unknown>) =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        ...wireOf(method),
        create(method.input, request),
        { deadline: Date.now() + DEADLINE_MS },
        (error, response) => (error ? reject(error) : resolve(response)),
      );
    });
}

function streaming(client: Client, method: DescMethod) {
  return async function* (request: Record<string, unknown>, signal?: AbortSignal) {
    const stream = client.makeServerStreamRequest(...wireOf(method), create(method.input, request));
    const cancel = () => stream.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      if (!signal?.aborted) {
        yield* stream;
      }
    } catch (error) {
      // Who aborts wants the stream to end, not to fail.
      if (!(signal?.aborted && (error as ServiceError).code === status.CANCELLED)) {
        throw error;
      }
    } finally {
      signal?.removeEventListener("abort", cancel);
      // Leaving the loop early ends the call on the server, too; the error it then ends with is
      // nobody's business.
      stream.on("error", () => {});
      stream.cancel();
    }
  };
}

/** Path, and how messages become bytes and bytes messages. */
function wireOf(method: DescMethod) {
  const path = `/${method.parent.typeName}/${method.name}`;
  const write = (message: MessageShape<DescMessage>) => Buffer.from(toBinary(method.input, message));
  const read = (bytes: Buffer) => fromBinary(method.output, bytes);
  return [path, write, read] as const;
}
