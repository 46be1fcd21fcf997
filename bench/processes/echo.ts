import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type MethodDefinition,
  Server,
  ServerCredentials,
} from "@grpc/grpc-js";
import { answer } from "../harness/child.ts";
import { cpuMs } from "./cpu.ts";

/**
 * Bare grpc-js, the rival of the rows over the wire: it sends bytes of the sizes it was told and
 * computes nothing.
 */
export type EchoQuestion =
  | { readonly ask: "start"; readonly responseBytes: number; readonly streamBytes: readonly number[] }
  | { readonly ask: "cpu" };
/** The address after a start, ms of CPU time otherwise. */
export type EchoAnswer = string | number;

export const ECHO_UNARY = "/bench.Echo/Unary";
export const ECHO_STREAM = "/bench.Echo/Stream";

function methodOf(path: string, responseStream: boolean): MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    path,
    requestStream: false,
    responseStream,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}

async function start(responseBytes: number, streamBytes: readonly number[]): Promise<string> {
  const server = new Server();
  // A response is made anew for each call, as any server must.
  const unary: handleUnaryCall<Buffer, Buffer> = (_, callback) => callback(null, Buffer.alloc(responseBytes, 1));
  const stream: handleServerStreamingCall<Buffer, Buffer> = async (call) => {
    for (const length of streamBytes) {
      if (!call.write(Buffer.alloc(length, 1)) && !call.cancelled) {
        await new Promise<void>((resolve) => {
          call.once("drain", resolve);
          call.once("cancelled", resolve);
        });
      }
    }
    call.end();
  };
  server.addService({ unary: methodOf(ECHO_UNARY, false), stream: methodOf(ECHO_STREAM, true) }, { unary, stream });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return `127.0.0.1:${port}`;
}

answer<EchoQuestion, EchoAnswer>(async (question) =>
  question.ask === "cpu" ? cpuMs() : start(question.responseBytes, question.streamBytes),
);
