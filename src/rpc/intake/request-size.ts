import { LimitRefusal } from "../limit-refusal.ts";

const MIB = 1024 * 1024;

/** Largest request of any call, bytes. */
export const LARGEST_REQUEST = 16 * MIB;
/** Of a call that names a service, or something in the contract, and has no more to say. */
const SHORT_REQUEST = 1024;
/** Largest request of a call that is not in the table. */
const USUAL_REQUEST = MIB;

/** Calls whose requests may be larger or smaller, by full name. */
const OTHER_REQUESTS: ReadonlyMap<string, number> = new Map([
  // 1,000 strategies.
  ["strategyruntime.v1.StrategyService/BatchSaveStrategies", LARGEST_REQUEST],
  // The ids of 100,000 strategies.
  ["strategyruntime.v1.PolicyService/SetAllowedStrategies", LARGEST_REQUEST],
  // 20,000 bars: 1.3 MB in protobuf, and some 5 MB in JSON that is written with blanks.
  ["strategyruntime.v1.StrategyRuntimeService/Evaluate", 8 * MIB],
  // Anyone may call health, and whoever has a token reflection.
  ["grpc.health.v1.Health/Check", SHORT_REQUEST],
  ["grpc.health.v1.Health/Watch", SHORT_REQUEST],
  ["grpc.health.v1.Health/List", SHORT_REQUEST],
  ["grpc.reflection.v1.ServerReflection/ServerReflectionInfo", SHORT_REQUEST],
  ["grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", SHORT_REQUEST],
]);

/** Largest request of a method, bytes, where none at all may be larger than `most`. */
export function largestRequest(method: string, most: number): number {
  return Math.min(OTHER_REQUESTS.get(method) ?? USUAL_REQUEST, most);
}

/** The refusal of a request that has more. */
export function tooLarge(method: string, bytes: number | undefined, most: number): LimitRefusal {
  const size = bytes === undefined ? "more bytes than that" : `${bytes} bytes`;
  return new LimitRefusal(
    "size",
    "resource_exhausted",
    `${method} takes at most ${most} bytes a request, and this one has ${size}: send less at a time`,
  );
}
