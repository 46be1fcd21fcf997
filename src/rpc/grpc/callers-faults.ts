import { type ServerInterceptingCall, type ServerInterceptor, status } from "@grpc/grpc-js";
import { RuntimeError } from "../../domain/errors.ts";
import { toStatus, wireMessage } from "../errors.ts";

type Sent = Parameters<ServerInterceptingCall["sendStatus"]>[0];

/** What grpc-js says with INTERNAL of what is the caller's fault, and what we say of it. */
const FAULTS: readonly (readonly [RegExp, string])[] = [
  [/^Error deserializing request/, "the request is no message of this call: encode it as the contract says"],
  [/^Failed to decompress message/, "the request is not packed as grpc-encoding says: pack it so, or leave that out"],
  [/^Invalid grpc-timeout value/, "the grpc-timeout is none: send 1 to 8 digits and one of H M S m u n"],
];

/**
 * Answers INVALID_ARGUMENT where grpc-js itself says INTERNAL of a request that cannot be read:
 * who watches the service for INTERNAL looks for its faults and not for those of callers. What it
 * quotes of a request is cut.
 *
 * It must be the innermost interceptor: grpc-js's own statuses pass no other.
 */
export const callersFaults: ServerInterceptor = (_, call) => {
  const send = call.sendStatus.bind(call);
  call.sendStatus = (sent) => {
    const fault = faultOf(sent);
    send(fault === undefined ? cut(sent) : toStatus(new RuntimeError("invalid", fault)));
  };
  return call as ServerInterceptingCall;
};

/** Quotes of a request may be longer than trailers: the caller would get no status at all. */
function cut(sent: Sent): Sent {
  return sent.details === undefined ? sent : { ...sent, details: wireMessage(sent.details) };
}

/** Statuses of handlers have metadata, and are never taken for grpc-js's own. */
function faultOf({ code, details, metadata }: Sent): string | undefined {
  return code === status.INTERNAL && !metadata
    ? FAULTS.find(([pattern]) => pattern.test(details ?? ""))?.[1]
    : undefined;
}
