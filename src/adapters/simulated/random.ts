import { createHash } from "node:crypto";

/** Four 32-bit words that stand for one symbol of one simulated exchange. */
export type Key = readonly [number, number, number, number];

/** A key from text: equal texts, equal keys, on every machine. */
export function keyOf(text: string): Key {
  const digest = createHash("sha256").update(text, "utf8").digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)];
}

/**
 * A generator of doubles in [0, 1) for one place (a stream and an index in it) of a key: random
 * access, since what comes out of it depends on nothing drawn before. The algorithm is sfc32 (C.
 * Doty-Humphrey, PractRand), public domain.
 */
export function randomAt(key: Key, stream: number, index: number): () => number {
  let a = key[0] ^ Math.imul(stream + 1, 0x9e3779b9);
  let b = key[1] ^ index;
  let c = key[2] ^ Math.floor(index / 0x1_0000_0000);
  let counter = key[3] | 1;
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  };
  for (let i = 0; i < 12; i++) {
    next();
  }
  return next;
}

/**
 * Near enough to a standard normal (the sum of four uniforms, never beyond 3.5), by exact
 * arithmetic alone.
 */
export function normal(random: () => number): number {
  return (random() + random() + random() + random() - 2) * Math.sqrt(3);
}

/**
 * Smooth noise in [-1, 1] along `x`: straight lines between random values a `period` apart, shifted
 * by a phase of the stream's own.
 */
export function noiseAt(key: Key, stream: number, period: number, x: number): number {
  const place = x / period + randomAt(key, stream, -1)();
  const cell = Math.floor(place);
  const part = place - cell;
  const left = randomAt(key, stream, cell)() * 2 - 1;
  const right = randomAt(key, stream, cell + 1)() * 2 - 1;
  return left + (right - left) * part;
}
