import type { Chance } from "./chance.ts";

type Headers = Readonly<Record<string, string>>;

const GRPC = { "content-type": "application/grpc", te: "trailers" } as const;

/**
 * Of most calls the plain ones; of one in eight, something is odd. `encoding` is how the message is
 * packed.
 */
export function grpcHeaders(chance: Chance): { readonly headers: Headers; readonly encoding?: string } {
  if (!chance.holds(0.12)) {
    return { headers: GRPC };
  }
  const encoding = chance.oneOf(["gzip", "gzip", "deflate", "identity", "snappy", "zstd", ""]);
  switch (chance.below(6)) {
    case 0:
      return { headers: { ...GRPC, "grpc-timeout": timeout(chance) } };
    case 1:
      return { headers: { ...GRPC, "grpc-encoding": encoding }, encoding };
    case 2:
      return { headers: { ...GRPC, "grpc-accept-encoding": chance.oneOf(["gzip", "identity,gzip", "zstd", "x,,y"]) } };
    case 3: {
      const types = [
        "application/grpc+proto",
        "application/grpc+json",
        "application/grpcx",
        "application/json",
        "text/html",
      ];
      return { headers: { ...GRPC, "content-type": chance.oneOf(types) } };
    }
    case 4:
      return { headers: { ...GRPC, ...metadata(chance) } };
    default:
      return { headers: { "content-type": GRPC["content-type"] } };
  }
}

/** A call with a short time to live ends as late as it says, so the times are short or no times. */
function timeout(chance: Chance): string {
  return chance.oneOf([
    "1n",
    "1u",
    "1m",
    "5m",
    "50m",
    "1S",
    "5S",
    "99999999H",
    "0S",
    "-1S",
    "S",
    "1",
    "1x",
    "123456789S",
  ]);
}

function metadata(chance: Chance): Headers {
  return chance.oneOf<Headers>([
    { "x-trace": "a".repeat(chance.fewUpTo(8_000)) },
    { "trace-bin": "AAEC" },
    { "trace-bin": "***" },
    { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
    { traceparent: "00-zz-1" },
    { authorization: "Bearer nobody-knows-this-token" },
    { "user-agent": "\u00e9" },
    { "grpc-previous-rpc-attempts": "999" },
  ]);
}

const TYPES = {
  "Connect JSON": ["application/json", "application/connect+json"],
  "Connect binary": ["application/proto", "application/connect+proto"],
  "gRPC-Web": ["application/grpc-web+proto", "application/grpc-web+proto"],
} as const;

/** As `grpcHeaders`, for the web port. `isPacked`: the message is sent as gzip. */
export function webHeaders(
  chance: Chance,
  carrier: keyof typeof TYPES,
  isStream: boolean,
): { readonly headers: Headers; readonly isPacked: boolean } {
  const type = { "content-type": TYPES[carrier][isStream ? 1 : 0] };
  if (!chance.holds(0.12)) {
    return { headers: type, isPacked: false };
  }
  const encodingOf = isStream ? "connect-content-encoding" : "content-encoding";
  const packing = carrier === "gRPC-Web" ? "grpc-encoding" : encodingOf;
  switch (chance.below(6)) {
    case 0:
      return { headers: { ...type, [packing]: "gzip" }, isPacked: true };
    case 1:
      return { headers: { ...type, [packing]: chance.oneOf(["gzip", "zstd", "br", "identity", ""]) }, isPacked: false };
    case 2: {
      const name = carrier === "gRPC-Web" ? "grpc-timeout" : "connect-timeout-ms";
      const value = chance.oneOf(["1", "0", "5", "50", "9999999999", "-1", "soon", ""]);
      return { headers: { ...type, [name]: name === "grpc-timeout" ? `${value}m` : value }, isPacked: false };
    }
    case 3: {
      const types = [
        ...Object.values(TYPES).flat(),
        "application/grpc",
        "text/plain",
        "application/json; charset=x",
        "",
      ];
      return { headers: { "content-type": chance.oneOf(types) }, isPacked: false };
    }
    case 4:
      return { headers: { ...type, "connect-protocol-version": chance.oneOf(["1", "2", "x"]) }, isPacked: false };
    default:
      return { headers: { ...type, ...strange(chance) }, isPacked: false };
  }
}

function strange(chance: Chance): Headers {
  return chance.oneOf<Headers>([
    { "accept-encoding": "gzip, br" },
    { origin: "https://elsewhere.example" },
    { host: "rebound.example" },
    { expect: "100-continue" },
    { authorization: "Basic eDp5" },
    { "x-trace": "a".repeat(chance.fewUpTo(20_000)) },
    { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
    { "transfer-encoding": "chunked" },
  ]);
}
