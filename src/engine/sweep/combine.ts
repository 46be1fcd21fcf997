/** Lists of conditions, and where their rows are. */
export interface Conditions {
  readonly rows: Int32Array;
  /** By condition two offsets: of those that meet it, and of those that do not. */
  readonly rowsOf: Int32Array;
  /** Numbers of conditions, list behind list. */
  readonly lists: Int32Array;
}

/**
 * Intersects the rows of those that meet the conditions of a list into `all`, and unites the rows of those that do not into `any`; where
 * one is enough, the other way round, since ANY is ALL of the opposite. Most strategies have two to four conditions; written out for
 * those, it takes half the time.
 */
export function combineRows(
  from: Conditions,
  start: number,
  count: number,
  isAny: 0 | 1,
  all: Int32Array,
  any: Int32Array,
): void {
  if (count === 2) {
    combineTwo(from, start, isAny, all, any);
  } else if (count === 3) {
    combineThree(from, start, isAny, all, any);
  } else if (count === 4) {
    combineFour(from, start, isAny, all, any);
  } else {
    combineMany(from, start, start + count, isAny, all, any);
  }
}

function combineMany(
  { rows, rowsOf, lists }: Conditions,
  start: number,
  end: number,
  isAny: number,
  all: Int32Array,
  any: Int32Array,
): void {
  for (let w = 0; w < all.length; w++) {
    let intersection = -1;
    let union = 0;
    for (let i = start; i < end; i++) {
      const at = 2 * (lists[i] as number) + isAny;
      intersection &= rows[(rowsOf[at] as number) + w] as number;
      union |= rows[(rowsOf[at ^ 1] as number) + w] as number;
    }
    all[w] = intersection;
    any[w] = union;
  }
}

function combineTwo(
  { rows, rowsOf, lists }: Conditions,
  start: number,
  isAny: number,
  all: Int32Array,
  any: Int32Array,
): void {
  const a = 2 * (lists[start] as number) + isAny;
  const b = 2 * (lists[start + 1] as number) + isAny;
  const a1 = rowsOf[a] as number;
  const b1 = rowsOf[b] as number;
  const a2 = rowsOf[a ^ 1] as number;
  const b2 = rowsOf[b ^ 1] as number;
  for (let w = 0; w < all.length; w++) {
    all[w] = (rows[a1 + w] as number) & (rows[b1 + w] as number);
    any[w] = (rows[a2 + w] as number) | (rows[b2 + w] as number);
  }
}

function combineThree(
  { rows, rowsOf, lists }: Conditions,
  start: number,
  isAny: number,
  all: Int32Array,
  any: Int32Array,
): void {
  const a = 2 * (lists[start] as number) + isAny;
  const b = 2 * (lists[start + 1] as number) + isAny;
  const c = 2 * (lists[start + 2] as number) + isAny;
  const a1 = rowsOf[a] as number;
  const b1 = rowsOf[b] as number;
  const c1 = rowsOf[c] as number;
  const a2 = rowsOf[a ^ 1] as number;
  const b2 = rowsOf[b ^ 1] as number;
  const c2 = rowsOf[c ^ 1] as number;
  for (let w = 0; w < all.length; w++) {
    all[w] = (rows[a1 + w] as number) & (rows[b1 + w] as number) & (rows[c1 + w] as number);
    any[w] = (rows[a2 + w] as number) | (rows[b2 + w] as number) | (rows[c2 + w] as number);
  }
}

function combineFour(
  { rows, rowsOf, lists }: Conditions,
  start: number,
  isAny: number,
  all: Int32Array,
  any: Int32Array,
): void {
  const a = 2 * (lists[start] as number) + isAny;
  const b = 2 * (lists[start + 1] as number) + isAny;
  const c = 2 * (lists[start + 2] as number) + isAny;
  const d = 2 * (lists[start + 3] as number) + isAny;
  const a1 = rowsOf[a] as number;
  const b1 = rowsOf[b] as number;
  const c1 = rowsOf[c] as number;
  const d1 = rowsOf[d] as number;
  const a2 = rowsOf[a ^ 1] as number;
  const b2 = rowsOf[b ^ 1] as number;
  const c2 = rowsOf[c ^ 1] as number;
  const d2 = rowsOf[d ^ 1] as number;
  for (let w = 0; w < all.length; w++) {
    all[w] = (rows[a1 + w] as number) & (rows[b1 + w] as number) & (rows[c1 + w] as number) & (rows[d1 + w] as number);
    any[w] = (rows[a2 + w] as number) | (rows[b2 + w] as number) | (rows[c2 + w] as number) | (rows[d2 + w] as number);
  }
}
