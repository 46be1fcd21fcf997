import { create, type DescFile, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import { type Server, type ServerDuplexStream, status } from "@grpc/grpc-js";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { OpenCall } from "../calls/open-call.ts";
import type { OpenCalls } from "../calls/open-calls.ts";
import { toRuntimeError, toStatus } from "../errors.ts";
import { PUBLIC_FILES, reflectionProtocol } from "../public-protos.ts";
import { type ReflectionIndex, reflectionIndex } from "./reflection-index.ts";

/** What is read of grpc.reflection's ServerReflectionRequest, whichever the version. */
interface Request extends Message {
  readonly host: string;
  readonly messageRequest:
    | {
        readonly case: "fileByFilename" | "fileContainingSymbol" | "allExtensionNumbersOfType" | "listServices";
        readonly value: string;
      }
    | {
        readonly case: "fileContainingExtension";
        readonly value: { readonly containingType: string; readonly extensionNumber: number };
      }
    | { readonly case: undefined };
}

type Wire = ServerDuplexStream<Buffer, Buffer>;

/**
 * Server reflection of both versions, for these files and those of health and of reflection itself.
 */
export function addReflection(server: Server, files: readonly DescFile[], calls: OpenCalls): void {
  const index = reflectionIndex([...files, ...PUBLIC_FILES]);
  for (const version of ["v1", "v1alpha"] as const) {
    const method = reflectionProtocol(version);
    const { parent, name, input, output } = method;
    const answer = (bytes: Buffer): Buffer => {
      const request = fromBinary(input, bytes) as Request;
      const { host: validHost } = request;
      const messageResponse = responseTo(index, request.messageRequest);
      return Buffer.from(toBinary(output, create(output, { validHost, originalRequest: request, messageResponse })));
    };
    const definition = {
      path: `/${parent.typeName}/${name}`,
      requestStream: true,
      responseStream: true,
      requestSerialize: (bytes: Buffer) => bytes,
      requestDeserialize: (bytes: Buffer) => bytes,
      responseSerialize: (bytes: Buffer) => bytes,
      responseDeserialize: (bytes: Buffer) => bytes,
    };
    server.addService(
      { [name]: definition },
      { [name]: (wire: Wire) => converse(wire, () => calls.openBeside(wire, method), answer) },
    );
  }
}

async function converse(wire: Wire, open: () => OpenCall, answer: (bytes: Buffer) => Buffer): Promise<void> {
  try {
    const call = open();
    // Left to itself, the iterator would destroy both directions when the caller has asked its
    // last, and no status would go out.
    for await (const bytes of call.untilEnd(wire.iterator({ destroyOnReturn: false }))) {
      if (!wire.write(answerOr(answer, bytes))) {
        call.progress(true);
        await taken(wire, call.signal);
        call.progress(false);
      }
    }
    if (call.stopped !== undefined) {
      throw call.stopped;
    }
    wire.end();
  } catch (error) {
    // Where the caller has left, there is nobody to tell.
    if (!wire.cancelled) {
      wire.emit("error", toStatus(toRuntimeError(error)));
    }
  }
}

function answerOr(answer: (bytes: Buffer) => Buffer, bytes: Buffer): Buffer {
  try {
    return answer(bytes);
  } catch (error) {
    throw new RuntimeError("invalid", `the request is no valid ServerReflectionRequest (${errorText(error)})`);
  }
}

/** Resolves once there is room again, or nobody reads any more. */
async function taken(wire: Wire, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      wire.off("drain", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    wire.on("drain", done);
    signal.addEventListener("abort", done);
    if (signal.aborted) {
      done();
    }
  });
}

function responseTo(index: ReflectionIndex, request: Request["messageRequest"]) {
  switch (request.case) {
    case "fileByFilename":
      return files(index.file(request.value), `no file ${JSON.stringify(request.value)} is known`);
    case "fileContainingSymbol":
      return files(index.symbol(request.value), `no symbol ${JSON.stringify(request.value)} is known`);
    case "fileContainingExtension":
      return failed(status.NOT_FOUND, `${request.value.containingType} has no extensions`);
    case "allExtensionNumbersOfType":
      return index.isMessage(request.value)
        ? { case: "allExtensionNumbersResponse", value: { baseTypeName: request.value } }
        : failed(status.NOT_FOUND, `no message ${JSON.stringify(request.value)} is known`);
    case "listServices":
      return { case: "listServicesResponse", value: { service: index.services.map((name) => ({ name })) } };
    case undefined:
      return failed(status.INVALID_ARGUMENT, "the request asks for nothing: set one of message_request");
  }
}

function files(found: readonly Uint8Array[] | undefined, missing: string) {
  return found === undefined
    ? failed(status.NOT_FOUND, missing)
    : { case: "fileDescriptorResponse", value: { fileDescriptorProto: [...found] } };
}

function failed(errorCode: number, errorMessage: string) {
  return { case: "errorResponse", value: { errorCode, errorMessage } };
}
