/** Conditions by number: where their rows are, in one way to be intersected and in the other to be united. */
export interface Conditions {
  readonly rows: Int32Array;
  readonly both: Int32Array;
  readonly either: Int32Array;
  /** Lists of numbers, one behind the other. */
  readonly lists: Int32Array;
}

/**
 * Intersection and union of the rows of a list, word by word, into `all` and `any`. Most strategies have two to four conditions; written
 * out for those, it takes half the time.
 */
export function combineRows(from: Conditions, start: number, count: number, all: Int32Array, any: Int32Array): void {
  if (count === 2) {
    combineTwo(from, start, all, any);
  } else if (count === 3) {
    combineThree(from, start, all, any);
  } else if (count === 4) {
    combineFour(from, start, all, any);
  } else {
    combineMany(from, start, start + count, all, any);
  }
}

function combineTwo({ rows, both, either, lists }: Conditions, start: number, all: Int32Array, any: Int32Array): void {
  const a = both[lists[start] as number] as number;
  const b = both[lists[start + 1] as number] as number;
  const e = either[lists[start] as number] as number;
  const f = either[lists[start + 1] as number] as number;
  for (let w = 0; w < all.length; w++) {
    all[w] = (rows[a + w] as number) & (rows[b + w] as number);
    any[w] = (rows[e + w] as number) | (rows[f + w] as number);
  }
}

function combineThree(
  { rows, both, either, lists }: Conditions,
  start: number,
  all: Int32Array,
  any: Int32Array,
): void {
  const a = both[lists[start] as number] as number;
  const b = both[lists[start + 1] as number] as number;
  const c = both[lists[start + 2] as number] as number;
  const e = either[lists[start] as number] as number;
  const f = either[lists[start + 1] as number] as number;
  const g = either[lists[start + 2] as number] as number;
  for (let w = 0; w < all.length; w++) {
    all[w] = (rows[a + w] as number) & (rows[b + w] as number) & (rows[c + w] as number);
    any[w] = (rows[e + w] as number) | (rows[f + w] as number) | (rows[g + w] as number);
  }
}

function combineFour({ rows, both, either, lists }: Conditions, start: number, all: Int32Array, any: Int32Array): void {
  const a = both[lists[start] as number] as number;
  const b = both[lists[start + 1] as number] as number;
  const c = both[lists[start + 2] as number] as number;
  const d = both[lists[start + 3] as number] as number;
  const e = either[lists[start] as number] as number;
  const f = either[lists[start + 1] as number] as number;
  const g = either[lists[start + 2] as number] as number;
  const h = either[lists[start + 3] as number] as number;
  for (let w = 0; w < all.length; w++) {
    all[w] = (rows[a + w] as number) & (rows[b + w] as number) & (rows[c + w] as number) & (rows[d + w] as number);
    any[w] = (rows[e + w] as number) | (rows[f + w] as number) | (rows[g + w] as number) | (rows[h + w] as number);
  }
}

function combineMany(
  { rows, both, either, lists }: Conditions,
  start: number,
  end: number,
  all: Int32Array,
  any: Int32Array,
): void {
  for (let w = 0; w < all.length; w++) {
    let intersection = -1;
    let union = 0;
    for (let i = start; i < end; i++) {
      const id = lists[i] as number;
      intersection &= rows[(both[id] as number) + w] as number;
      union |= rows[(either[id] as number) + w] as number;
    }
    all[w] = intersection;
    any[w] = union;
  }
}
