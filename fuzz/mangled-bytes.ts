import type { Chance } from "./chance.ts";

/** What may happen to bytes on their way, or in the hands of somebody who means no good. */
const MANGLES: readonly ((bytes: Buffer, chance: Chance) => Buffer)[] = [
  function cutOff(bytes, chance) {
    return bytes.subarray(0, chance.below(bytes.length + 1));
  },
  function flippedBits(bytes, chance) {
    const flipped = Buffer.from(bytes);
    for (let i = chance.below(8); i >= 0 && flipped.length > 0; i--) {
      const place = chance.below(flipped.length);
      flipped[place] = (flipped[place] ?? 0) ^ (1 << chance.below(8));
    }
    return flipped;
  },
  function insertedNoise(bytes, chance) {
    const place = chance.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, place), chance.bytes(1 + chance.below(12)), bytes.subarray(place)]);
  },
  function lostSlice(bytes, chance) {
    const place = chance.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + chance.fewUpTo(40))]);
  },
  function repeated(bytes, chance) {
    return Buffer.concat(Array.from({ length: 2 + chance.below(4) }, () => bytes));
  },
  function unknownField(bytes, chance) {
    return Buffer.concat([bytes, field(30 + chance.below(1_000), chance)]);
  },
  function wrongWireType(bytes, chance) {
    return Buffer.concat([bytes, field(1 + chance.below(24), chance)]);
  },
  /** Groups within groups, which a reader that calls itself cannot bear for long. */
  function deepGroups(bytes, chance) {
    return Buffer.concat([bytes, Buffer.alloc(chance.fewUpTo(30_000), tag(1 + chance.below(15), 3))]);
  },
  /** A length that no message has. */
  function hugeLength(bytes, chance) {
    const length = chance.oneOf([2n ** 31n - 1n, 2n ** 31n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n]);
    return Buffer.concat([bytes, tag(1 + chance.below(15), 2), varint(length), chance.bytes(4)]);
  },
  function endlessVarint(bytes, chance) {
    return Buffer.concat([bytes, tag(1 + chance.below(15), 0), Buffer.alloc(chance.below(20), 0xff)]);
  },
  /** Many empty items of one field: two bytes each, and an object each once read. */
  function emptyItems(bytes, chance) {
    const item = Buffer.concat([tag(1 + chance.below(15), 2), Buffer.from([0])]);
    return Buffer.concat([bytes, Buffer.alloc(item.length * chance.fewUpTo(2_000), item)]);
  },
  function noise(_, chance) {
    return chance.bytes(chance.fewUpTo(300));
  },
  function nothing() {
    return Buffer.alloc(0);
  },
];

export function mangled(bytes: Buffer, chance: Chance): Buffer {
  return chance.oneOf(MANGLES)(bytes, chance);
}

function field(number: number, chance: Chance): Buffer {
  const type = chance.below(8);
  switch (type) {
    case 0:
      return Buffer.concat([tag(number, type), varint(BigInt(chance.below(2 ** 32)))]);
    case 1:
      return Buffer.concat([tag(number, type), chance.bytes(8)]);
    case 2: {
      const bytes = chance.bytes(chance.below(20));
      return Buffer.concat([tag(number, type), varint(BigInt(bytes.length)), bytes]);
    }
    case 3:
      return Buffer.concat([tag(number, 3), field(1 + chance.below(5), chance), tag(number, 4)]);
    case 5:
      return Buffer.concat([tag(number, type), chance.bytes(4)]);
    default:
      // 6 and 7 are no types.
      return tag(number, type);
  }
}

function tag(number: number, type: number): Buffer {
  return varint(BigInt(number * 8 + type));
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let left = value;
  do {
    bytes.push(Number(left & 0x7fn) | (left > 0x7fn ? 0x80 : 0));
    left >>= 7n;
  } while (left > 0n);
  return Buffer.from(bytes);
}
