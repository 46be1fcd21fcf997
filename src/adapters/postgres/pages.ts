import { setImmediate } from "node:timers/promises";
import type { Statements } from "./queryable.ts";

/** Rows read at a time: an embedded database holds the event loop while it works on a statement. */
export const PAGE_ROWS = 1_000;

/**
 * Reads everything a page at a time and lets other work run in between. `next` reads the page after
 * the last row of the page before; one with fewer rows than `size` is the last.
 */
export async function readPages<Row>(
  next: (last: Row | undefined, size: number) => Promise<readonly Row[]>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Row[]> {
  const all: Row[] = [];
  for (;;) {
    const size = Math.min(PAGE_ROWS, limit - all.length);
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

/**
 * The rows of one statement, `size` at a time, as of one moment. The statement runs once, however
 * many pages it has, and other work runs in between; the next page is on its way while one is
 * worked on. Within a transaction only, one after the other.
 */
export async function* rowsOf<Row>(
  tx: Statements,
  text: string,
  params: readonly unknown[],
  size: number,
): AsyncGenerator<readonly Row[], void, undefined> {
  await tx.query(`DECLARE sg_pages NO SCROLL CURSOR FOR ${text}`, params);
  const fetchPage = () => tx.query<Row>(`FETCH FORWARD ${size} FROM sg_pages`);
  let next = fetchPage();
  for (;;) {
    const { rows } = await next;
    const isLast = rows.length < size;
    if (!isLast) {
      next = fetchPage();
      // Whoever asks for no further page must not leave a failure behind that nobody hears of.
      next.catch(() => undefined);
    }
    yield rows;
    if (isLast) {
      await tx.query("CLOSE sg_pages");
      return;
    }
    await setImmediate();
  }
}

/** The items in chunks of at most `size`. */
export function chunked<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
