import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import type { CarrierLog } from "../carrier-log.ts";
import { toRuntimeError, toStatus } from "../errors.ts";
import type { Access } from "./access.ts";

/** Refuses gRPC calls, of whatever service, as soon as their headers are there: nothing of the body is read, let alone parsed. */
export function authInterceptor(access: Access, log: CarrierLog): ServerInterceptor {
  return ({ path }, next) => {
    const method = path.slice(1);
    const call = new ServerInterceptingCall(next, {
      start: (started) =>
        started({
          onReceiveMetadata(metadata, pass) {
            const authorization = metadata.get("authorization")[0];
            try {
              access.admit(method, typeof authorization === "string" ? authorization : undefined);
            } catch (thrown) {
              const error = toRuntimeError(thrown);
              log({ kind: "refused", method, peer: next.getPeer(), error });
              call.sendStatus(toStatus(error));
              return;
            }
            pass(metadata);
          },
        }),
    });
    return call;
  };
}
