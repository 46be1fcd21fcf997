/**
 * What rounding took from `sum = a + b` (Knuth, The Art of Computer Programming, vol. 2, 4.2.2,
 * theorem B).
 */
export function sumError(a: number, b: number, sum: number): number {
  const part = sum - a;
  return a - (sum - part) + (b - part);
}

/** Splits a double into two halves of 26 bits (Veltkamp), so that their products are exact. */
const SPLITTER = 2 ** 27 + 1;

/** What rounding took from `product = a·b` (Dekker, Numerische Mathematik 18, 1971). */
export function productError(a: number, b: number, product: number): number {
  const spreadA = SPLITTER * a;
  const highA = spreadA - (spreadA - a);
  const lowA = a - highA;
  const spreadB = SPLITTER * b;
  const highB = spreadB - (spreadB - b);
  const lowB = b - highB;
  return lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
}
