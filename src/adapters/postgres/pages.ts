import { setImmediate } from "node:timers/promises";

/** Rows read at a time: an embedded database holds the event loop while it works on a statement. */
export const PAGE_ROWS = 1_000;

export interface PagesOptions {
  /** Rows at most, in all. */
  readonly limit?: number;
  readonly pageRows?: number;
}

/**
 * Reads everything a page at a time and lets other work run in between. `next` reads the page after the last row of
 * the page before; one with fewer rows than `size` is the last.
 */
export async function readPages<Row>(
  next: (last: Row | undefined, size: number) => Promise<readonly Row[]>,
  { limit = Number.POSITIVE_INFINITY, pageRows = PAGE_ROWS }: PagesOptions = {},
): Promise<Row[]> {
  const all: Row[] = [];
  for (;;) {
    const size = Math.min(pageRows, limit - all.length);
    if (size <= 0) {
      return all;
    }
    const page = await next(all.at(-1), size);
    for (const row of page) {
      all.push(row);
    }
    if (page.length < size) {
      return all;
    }
    await setImmediate();
  }
}

/** The items in chunks of at most `size`. */
export function chunked<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
