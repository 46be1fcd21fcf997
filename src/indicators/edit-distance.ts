/**
 * The candidate with the fewest single-character edits to `text` (insert, delete, replace, swap of neighbours). One that
 * contains the text as whole words ("DI" in "PLUS_DI") counts as one edit away; among equals, the one that shares more of its
 * beginning is nearer, then the first. For "did you mean".
 */
export function nearest(text: string, candidates: readonly string[]): string {
  let best = candidates[0] ?? "";
  let bestRank = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const isPart = `_${candidate}_`.includes(`_${text}_`);
    const distance = Math.min(editDistance(text, candidate), isPart ? 1 : Number.POSITIVE_INFINITY);
    const rank = distance - sharedStart(text, candidate) / 1_000;
    if (rank < bestRank) {
      bestRank = rank;
      best = candidate;
    }
  }
  return best;
}

/** Optimal string alignment distance (Damerau–Levenshtein without edits inside a swap). */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

function sharedStart(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) {
    length++;
  }
  return length;
}
