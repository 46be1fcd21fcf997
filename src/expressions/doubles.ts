/**
 * The neighbours of a double. With them every order against a threshold is a closed interval (`> v`
 * is "from the double above v"), so that what a condition lets through can be computed exactly,
 * without a notion of open ends.
 */
const view = new DataView(new ArrayBuffer(8));

/** The least double above `x`; Infinity above the largest finite one. */
export function nextUp(x: number): number {
  if (x === Number.POSITIVE_INFINITY || Number.isNaN(x)) {
    return x;
  }
  if (x === 0) {
    return Number.MIN_VALUE;
  }
  view.setFloat64(0, x);
  view.setBigInt64(0, view.getBigInt64(0) + (x > 0 ? 1n : -1n));
  // Adding 0 turns the -0 that follows the largest negative double into 0.
  return view.getFloat64(0) + 0;
}

/** The largest double below `x`; -Infinity below the least finite one. */
export function nextDown(x: number): number {
  return 0 - nextUp(0 - x);
}
