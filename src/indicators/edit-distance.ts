/**
 * The candidates that a text may be a slip of: those at the least distance. None beyond a distance
 * that grows with the length of the text, so that a text of another meaning is never taken for a
 * slip.
 */
export function nearestTo(text: string, candidates: Iterable<string>): readonly string[] {
  let least = furthest(text.length);
  let near: string[] = [];
  const letters = lettersOf(text);
  for (const candidate of candidates) {
    const isFar = Math.abs(candidate.length - text.length) > least || bits(letters ^ lettersOf(candidate)) > 2 * least;
    if (isFar) {
      continue;
    }
    const distance = editDistance(text, candidate);
    if (distance < least) {
      near = [];
      least = distance;
    }
    if (distance === least) {
      near.push(candidate);
    }
  }
  return near;
}

/**
 * The characters that stand in a text, as bits; some share one. An edit changes two of them at
 * most.
 */
function lettersOf(text: string): number {
  let letters = 0;
  for (let i = 0; i < text.length; i++) {
    letters |= 1 << (text.charCodeAt(i) & 31);
  }
  return letters;
}

function bits(set: number): number {
  let count = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) {
    count++;
  }
  return count;
}

/** How many letters a slip may change. */
function furthest(length: number): number {
  if (length < 3) {
    return 0;
  }
  return length < 6 ? 1 : 2;
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
