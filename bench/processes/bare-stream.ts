import type { MethodDefinition } from "@grpc/grpc-js";

export const BARE_FOLLOW = "/bench.Pipeline/Follow";

/** A stream of bytes as they are. */
export function bareStreamMethod(path: string): MethodDefinition<Buffer, Buffer> {
  const same = (bytes: Buffer): Buffer => bytes;
  return {
    path,
    requestStream: false,
    responseStream: true,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
}
