import { gzipSync } from "node:zlib";
import type { DescMethod } from "@bufbuild/protobuf";
import { MethodOptions_IdempotencyLevel } from "@bufbuild/protobuf/wkt";
import { PerformanceService } from "../gen/strategyruntime/v1/performance_service_pb.ts";
import { PolicyService } from "../gen/strategyruntime/v1/policy_service_pb.ts";
import { StrategyRuntimeService } from "../gen/strategyruntime/v1/runtime_service_pb.ts";
import { StrategyService } from "../gen/strategyruntime/v1/strategy_service_pb.ts";
import { PUBLIC_FILES } from "../src/rpc/public-protos.ts";
import { Chance } from "./chance.ts";
import { grpcHeaders, webHeaders } from "./headers.ts";
import { jsonText } from "./json-texts.ts";
import { mangled } from "./mangled-bytes.ts";
import { encoded, messageOf, type Oddness, oddness } from "./messages.ts";
import { bytesOnGrpcPort, bytesOnWebPort } from "./raw-bytes.ts";

export const CARRIERS = [
  "gRPC",
  "Connect JSON",
  "Connect binary",
  "gRPC-Web",
  "raw gRPC port",
  "raw web port",
] as const;
export type Carrier = (typeof CARRIERS)[number];

/** All that one call sends. */
export interface FuzzCall {
  readonly number: number;
  readonly carrier: Carrier;
  /** "PolicyService/GetPolicy", or what else the bytes are meant for. */
  readonly rpc: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Whether the answer may have no end of its own. */
  readonly mayLast: boolean;
}

const CONTRACT: readonly DescMethod[] = [
  StrategyRuntimeService,
  StrategyService,
  PolicyService,
  PerformanceService,
].flatMap(({ methods }): readonly DescMethod[] => methods);
/**
 * What only reads comes twice as often as what writes: an embedded database takes its time for
 * that.
 */
const CONTRACT_WEIGHED = [
  ...CONTRACT,
  ...CONTRACT.filter(({ idempotency }) => idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS),
];
const PUBLIC: readonly DescMethod[] = PUBLIC_FILES.flatMap(({ services }) => services).flatMap(
  ({ methods }) => methods,
);

/** Every rpc that a run calls. */
export const RPCS: readonly string[] = [...CONTRACT, ...PUBLIC].map(nameOf);

function nameOf({ parent, name }: DescMethod): string {
  const [version = ""] = /v1alpha/.exec(parent.typeName) ?? [];
  return `${parent.name}${version}/${name}`;
}

/** The call of a number in the run of a seed: always the same. */
export function callOf(seed: number, number: number, decisionIds: readonly string[] = []): FuzzCall {
  const chance = new Chance(seed, number, decisionIds);
  const share = chance.below(1_000);
  if (share < 20) {
    return { ...raw(number), carrier: "raw gRPC port", body: bytesOnGrpcPort(chance) };
  }
  if (share < 40) {
    return { ...raw(number), carrier: "raw web port", body: bytesOnWebPort(chance, oneOf(chance, CONTRACT)) };
  }
  if (share < 200) {
    return onGrpc(chance, number, oneOf(chance, PUBLIC));
  }
  const method = oneOf(chance, CONTRACT_WEIGHED);
  return share < 700 ? onGrpc(chance, number, method) : onWeb(chance, number, method, share);
}

function raw(number: number): Omit<FuzzCall, "carrier" | "body"> {
  return { number, rpc: "bytes", path: "", headers: {}, mayLast: false };
}

function oneOf(chance: Chance, methods: readonly DescMethod[]): DescMethod {
  return chance.oneOf(methods);
}

function onGrpc(chance: Chance, number: number, method: DescMethod): FuzzCall {
  const path = chance.holds(0.01) ? `/${method.parent.typeName}/NoSuch${method.name}` : pathOf(method);
  const { headers, encoding } = grpcHeaders(chance);
  const message = bytesOf(chance, method);
  const framed = frames(chance, encoding === "gzip" ? gzipSync(message) : message, encoding === undefined ? 0 : 1);
  return { number, carrier: "gRPC", rpc: nameOf(method), path, headers, body: framed, mayLast: mayLast(method) };
}

function onWeb(chance: Chance, number: number, method: DescMethod, share: number): FuzzCall {
  const carrier = share < 860 ? "Connect JSON" : share < 940 ? "Connect binary" : "gRPC-Web";
  const isJson = carrier === "Connect JSON";
  const message = isJson ? jsonText(chance, method.input, oddness(chance)) : bytesOf(chance, method);
  const isStream = method.methodKind !== "unary";
  const { headers, isPacked } = webHeaders(chance, carrier, isStream);
  const packed = isPacked ? gzipSync(message) : message;
  const body = isStream || carrier === "gRPC-Web" ? frames(chance, packed, isPacked ? 1 : 0) : packed;
  return { number, carrier, rpc: nameOf(method), path: pathOf(method), headers, body, mayLast: mayLast(method) };
}

function pathOf(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function mayLast({ methodKind }: DescMethod): boolean {
  return methodKind !== "unary";
}

function bytesOf(chance: Chance, { input }: DescMethod): Buffer {
  const odd: Oddness = oddness(chance);
  const bytes = encoded(messageOf(chance, input, odd), input);
  return chance.holds(0.3) ? mangled(bytes, chance) : bytes;
}

/**
 * A message in its frame; now and then with another length, another flag, cut off, or with others
 * behind it.
 */
function frames(chance: Chance, message: Buffer, flag: number): Buffer {
  if (!chance.holds(0.06)) {
    return frame(message, message.length, flag);
  }
  switch (chance.below(5)) {
    case 0:
      return frame(message, chance.oneOf([0, 1, message.length + 1, message.length - 1, 2 ** 24, 2 ** 32 - 1]), flag);
    case 1:
      return frame(message, message.length, chance.below(256));
    case 2: {
      const whole = frame(message, message.length, flag);
      return whole.subarray(0, chance.below(whole.length));
    }
    case 3:
      return Buffer.concat([frame(message, message.length, flag), frame(message, message.length, flag)]);
    default:
      return Buffer.concat([frame(message, message.length, flag), chance.bytes(chance.below(10))]);
  }
}

function frame(message: Buffer, length: number, flag: number): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flag, 0);
  head.writeUInt32BE(Math.max(length, 0), 1);
  return Buffer.concat([head, message]);
}
