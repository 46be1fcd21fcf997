import { create } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError } from "@connectrpc/connect";
import { ERROR_CODES, type ErrorCode, RuntimeError } from "../../domain/errors.ts";
import { GRPC_STATUS, wireMessage } from "../errors.ts";
import { errorDetail } from "../public-protos.ts";
import { ERROR_DOMAIN } from "../status-details.ts";

type OutgoingDetail = Exclude<ConstructorParameters<typeof ConnectError>[3], undefined>[number];

const badRequest = errorDetail("BadRequest");
const errorInfo = errorDetail("ErrorInfo");
const retryInfo = errorDetail("RetryInfo");

/**
 * As `toStatus`, for Connect and gRPC-Web: the same table, for Connect's codes are gRPC's. All
 * violations fit, for they are in the body.
 */
export function toConnectError(error: RuntimeError): ConnectError {
  const info = create(errorInfo, { reason: error.code.toUpperCase(), domain: ERROR_DOMAIN });
  const fieldViolations = error.violations.map(({ field, description }) => ({
    field: field.toWellFormed(),
    description: description.toWellFormed(),
  }));
  const details = [
    ...(fieldViolations.length > 0 ? [{ desc: badRequest, value: create(badRequest, { fieldViolations }) }] : []),
    { desc: errorInfo, value: info },
    ...retryDetails(error.retryAfterMs),
  ];
  const code: number = GRPC_STATUS[error.code];
  return new ConnectError(wireMessage(error.message), code as Code, undefined, details);
}

function retryDetails(retryAfterMs: number | undefined): readonly OutgoingDetail[] {
  if (retryAfterMs === undefined) {
    return [];
  }
  const retryDelay = durationFromMs(Math.ceil(retryAfterMs));
  return [{ desc: retryInfo, value: create(retryInfo, { retryDelay }) }];
}

/**
 * What hooks hear where Connect itself refused a call, such as one whose body is no message. Only
 * the caller can be at fault then, though Connect says `internal` of bytes that are no protobuf.
 * Connect sends this same error after it was given here, so it is mended in place.
 */
export function refusedByConnect(reason: unknown): RuntimeError {
  const error = ConnectError.from(reason);
  if (error.code === Code.Internal) {
    Object.assign(error, { code: Code.InvalidArgument });
  }
  const code = CODES.get(error.code) ?? "invalid";
  if (error.details.length > 0) {
    return new RuntimeError(code, error.rawMessage);
  }
  error.details.push({ desc: errorInfo, value: { reason: code.toUpperCase(), domain: ERROR_DOMAIN } });
  return new RuntimeError(code, error.rawMessage);
}

const CODES: ReadonlyMap<number, ErrorCode> = new Map(ERROR_CODES.map((code) => [GRPC_STATUS[code], code]));
