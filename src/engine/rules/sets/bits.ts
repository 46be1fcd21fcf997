/** Sets of symbols as bits: symbol `i` is bit `i % 32` of word `i / 32`. */

export function wordsFor(bits: number): number {
  return (bits + 31) >>> 5;
}

/** Number of bits set in a 32-bit word. */
export function popcount(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

export function countBits(words: Int32Array): number {
  let count = 0;
  for (const word of words) {
    count += popcount(word);
  }
  return count;
}

export function setBit(words: Int32Array, offset: number, bit: number): void {
  const place = offset + (bit >>> 5);
  words[place] = (words[place] ?? 0) | (1 << (bit & 31));
}

export function hasBit(words: Int32Array, bit: number): boolean {
  return (((words[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
}
