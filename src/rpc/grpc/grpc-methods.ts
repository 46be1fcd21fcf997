import { type DescMessage, type DescMethod, toBinary } from "@bufbuild/protobuf";
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  MethodDefinition,
  ServiceDefinition,
  UntypedHandleCall,
} from "@grpc/grpc-js";
import type { LongWorks } from "../../engine/concurrency/long-work.ts";
import type { CallHook } from "../calls/call-hooks.ts";
import type { OpenCall } from "../calls/open-call.ts";
import type { OpenCalls } from "../calls/open-calls.ts";
import { readRequest } from "../calls/read-request.ts";
import type { CarrierLog } from "../carrier-log.ts";
import { toRuntimeError, toStatus } from "../errors.ts";
import { type Answer, Prepared, type Service } from "../service.ts";
import { Outgoing } from "./eager-writes.ts";
import { StreamWriter } from "./stream-writer.ts";

export interface Carrier {
  readonly calls: OpenCalls;
  readonly hook: CallHook;
  readonly log: CarrierLog;
  /** Among which requests are decoded. */
  readonly longWorks: LongWorks;
}

/**
 * What grpc-js wants to know of a service. Messages cross it as bytes: a fault in them would become
 * INTERNAL there, and is the caller's.
 */
export function grpcDefinition({ descriptor }: Service): ServiceDefinition {
  return Object.fromEntries(descriptor.methods.map((method) => [method.localName, grpcMethod(method)]));
}

function grpcMethod(method: DescMethod): MethodDefinition<Buffer, Buffer | Outgoing> {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    requestStream: false,
    responseStream: method.methodKind !== "unary",
    requestSerialize: sameBytes,
    requestDeserialize: sameBytes,
    responseSerialize: bytesOf,
    responseDeserialize: sameBytes,
  };
}

function sameBytes(bytes: Buffer): Buffer {
  return bytes;
}

function bytesOf(message: Buffer | Outgoing): Buffer {
  return message instanceof Outgoing ? message.take() : message;
}

/** grpc-js's handlers of a service. */
export function grpcHandlers(service: Service, carrier: Carrier): Readonly<Record<string, UntypedHandleCall>> {
  return Object.fromEntries(
    service.descriptor.methods.map((method) => [
      method.localName,
      method.methodKind === "unary" ? serveUnary(service, method, carrier) : serveStream(service, method, carrier),
    ]),
  );
}

function serveUnary(service: Service, method: DescMethod, carrier: Carrier): handleUnaryCall<Buffer, Buffer> {
  const handler = service.unary(method);
  const read = reading(service, method, carrier);
  return async (wire, callback) => {
    try {
      const call = carrier.calls.open(wire, method);
      let response: Buffer | undefined;
      await carrier.hook(call, () =>
        withCallersError(call, async () => {
          const answer = await call.work(async () => handler(await read(wire.request, call), call));
          response = encode(method.output, answer);
        }),
      );
      const bytes = response ?? skipped();
      call.progress(true);
      callback(null, bytes);
    } catch (thrown) {
      callback(failure(carrier, method, wire, thrown));
    }
  };
}

function serveStream(
  service: Service,
  method: DescMethod,
  carrier: Carrier,
): handleServerStreamingCall<Buffer, Outgoing> {
  const handler = service.stream(method);
  const read = reading(service, method, carrier);
  return async (wire) => {
    try {
      const call = carrier.calls.open(wire, method);
      const writer = new StreamWriter(wire, call);
      let ran = false;
      await carrier.hook(call, () =>
        withCallersError(call, async () => {
          ran = true;
          const messages = handler(await read(wire.request, call), call);
          for await (const message of call.untilEnd(messages)) {
            const full = writer.write(encode(method.output, message));
            if (full !== undefined) {
              await full;
            }
          }
        }),
      );
      if (!ran) {
        skipped();
      }
      wire.end();
    } catch (thrown) {
      // grpc-js sends the status once the messages written before have gone out.
      wire.emit("error", failure(carrier, method, wire, thrown));
    }
  };
}

function reading(service: Service, method: DescMethod, { longWorks, log }: Carrier) {
  return (bytes: Buffer, call: OpenCall) =>
    readRequest(service, method, { bytes, isJson: false, call, longWorks, log });
}

/**
 * Runs a handler so that what it throws is what the caller is told; where the caller no longer
 * waits, it is that.
 */
async function withCallersError(call: OpenCall, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    throw call.stopped ?? toRuntimeError(thrown);
  }
  if (call.stopped !== undefined) {
    throw call.stopped;
  }
}

function skipped(): never {
  throw new Error("a hook of the call ran nothing and threw nothing");
}

function failure(carrier: Carrier, method: DescMethod, wire: { getPeer(): string }, thrown: unknown) {
  const error = toRuntimeError(thrown);
  if (error.code === "internal" || error.cause !== undefined) {
    const name = `${method.parent.typeName}/${method.name}`;
    carrier.log({ kind: "failed", method: name, peer: wire.getPeer(), error });
  }
  return toStatus(error);
}

function encode<D extends DescMessage>(schema: D, message: Answer<D>): Buffer {
  if (message instanceof Prepared) {
    return message.bytes();
  }
  const { buffer, byteOffset, byteLength } = toBinary(schema, message);
  return Buffer.from(buffer, byteOffset, byteLength);
}
