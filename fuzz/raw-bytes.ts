import type { DescMethod } from "@bufbuild/protobuf";
import type { Chance } from "./chance.ts";
import { jsonText } from "./json-texts.ts";
import { mangled } from "./mangled-bytes.ts";
import { oddness } from "./messages.ts";

/*
 * Bytes for connections of their own, which no library would send. Each connection is ended behind
 * its bytes, so the service must end it, too.
 */

const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

/** HTTP/2 with frames of any type, flags, stream and length. */
export function bytesOnGrpcPort(chance: Chance): Buffer {
  const settings = http2Frame(4, 0, 0, Buffer.alloc(0));
  switch (chance.below(6)) {
    case 0:
      return chance.bytes(chance.fewUpTo(400));
    case 1:
      return Buffer.from("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    case 2:
      return mangled(PREFACE, chance);
    default: {
      const frames = Array.from({ length: 1 + chance.below(12) }, () => anyFrame(chance));
      const whole = Buffer.concat([PREFACE, settings, ...frames]);
      return chance.holds(0.3) ? mangled(whole, chance) : whole;
    }
  }
}

function anyFrame(chance: Chance): Buffer {
  const stream = chance.oneOf([0, 1, 1, 3, 5, 2, 2 ** 31 - 1]);
  const type = chance.below(12);
  const payload = chance.bytes(chance.oneOf([0, 4, 5, 8, 6, chance.below(60)]));
  return http2Frame(type, chance.below(256), stream, payload, chance.holds(0.1) ? chance.below(2 ** 24) : undefined);
}

function http2Frame(type: number, flags: number, stream: number, payload: Buffer, length = payload.length): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** HTTP/1.1 whose head, lengths and body do not go together. */
export function bytesOnWebPort(chance: Chance, method: DescMethod): Buffer {
  const path = `/${method.parent.typeName}/${method.name}`;
  const body = jsonText(chance, method.input, oddness(chance));
  const length = chance.oneOf([body.length, body.length + 10, Math.max(body.length - 10, 0), -1, 2 ** 40, Number.NaN]);
  const verb = chance.oneOf(["POST", "POST", "GET", "PUT", "HEAD", "DELETE", "OPTIONS", "FOO", "post", ""]);
  const target = chance.oneOf([
    path,
    path,
    `${path}?x=%ff`,
    `http://x${path}`,
    "*",
    "/metricz",
    "/healthz",
    "//",
    "/../",
  ]);
  const head = [
    `${verb} ${target} HTTP/${chance.oneOf(["1.1", "1.1", "1.0", "2.0", "x"])}`,
    chance.oneOf(["Host: localhost", "Host: localhost", "", "Host: a\r\nHost: b", "Host: rebound.example"]),
    "Content-Type: application/json",
    `Content-Length: ${length}`,
    ...(chance.holds(0.2) ? ["Transfer-Encoding: chunked"] : []),
    ...(chance.holds(0.2) ? [`Content-Length: ${body.length}`] : []),
    ...(chance.holds(0.1) ? [`X: ${"a".repeat(chance.fewUpTo(40_000))}`] : []),
    ...(chance.holds(0.1) ? ["Upgrade: h2c", "Connection: Upgrade"] : ["Connection: close"]),
  ].filter((line) => line !== "");
  const whole = Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), body]);
  return chance.holds(0.3) ? mangled(whole, chance) : whole;
}
