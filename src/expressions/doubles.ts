/**
 * The neighbours of a double. With them every order against a threshold is a closed interval (`> v`
 * is "from the double above v"), so that what a condition lets through can be computed exactly,
 * without a notion of open ends.
 */
const double = new Float64Array(1);
const halves = new Uint32Array(double.buffer);
/** Where the half with the last digits is. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;
const LAST_HALF = 0xffffffff;

/** The least double above `x`; Infinity above the largest finite one. */
export function nextUp(x: number): number {
  if (x === Number.POSITIVE_INFINITY || Number.isNaN(x)) {
    return x;
  }
  if (x === 0) {
    return Number.MIN_VALUE;
  }
  double[0] = x;
  const low = halves[LOW] as number;
  const high = halves[HIGH] as number;
  if (x > 0) {
    halves[LOW] = low + 1;
    halves[HIGH] = low === LAST_HALF ? high + 1 : high;
  } else {
    halves[LOW] = low - 1;
    halves[HIGH] = low === 0 ? high - 1 : high;
  }
  // Adding 0 turns the -0 that follows the largest negative double into 0.
  return (double[0] as number) + 0;
}

/** The largest double below `x`; -Infinity below the least finite one. */
export function nextDown(x: number): number {
  return 0 - nextUp(0 - x);
}

/** The largest double that lies at most `within` above `x`, as differences of doubles are rounded. */
export function edgeAbove(x: number, within: number): number {
  if (!(within > 0)) {
    return x;
  }
  // Mostly the sum is the edge, or next to it.
  let low = Math.min(x + within, Number.MAX_VALUE);
  let high = nextUp(low);
  if (low - x > within) {
    high = low;
    low = nextDown(low);
  }
  if (low - x <= within && high - x > within) {
    return low;
  }
  if (low - x > within) {
    low = x;
  }
  // Near 0 doubles lie closer together than their differences to `x` are rounded.
  for (let more = within * Number.EPSILON; high - x <= within && high < Number.MAX_VALUE; more *= 2) {
    low = high;
    high = low + more;
  }
  return lastBetween(low, high, x, within);
}

/** The largest double from `low` to below `high` that is so; `low` is, `high` is not. */
function lastBetween(low: number, high: number, x: number, within: number): number {
  let last = low;
  let next = high;
  for (let middle = last + (next - last) / 2; middle > last && middle < next; middle = last + (next - last) / 2) {
    if (middle - x <= within) {
      last = middle;
    } else {
      next = middle;
    }
  }
  return last;
}

/** The least double that lies at most `within` below `x`. */
export function edgeBelow(x: number, within: number): number {
  return 0 - edgeAbove(0 - x, within);
}
