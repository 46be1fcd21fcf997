import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { loadLibrary } from "../../../src/adapters/replay/library.ts";

export const T0 = Date.UTC(2024, 0, 31, 22);
export const HOUR = 3_600_000;
export const HEADER = "open_time,open,high,low,close,volume";

/** Of the test that runs. */
export let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "refusals-"));
});
afterEach(() => rm(dir, { recursive: true }));

/** What the refusal says of a folder with these files, without the folder's path. */
export async function refusalOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(dir, name), content);
  }
  const error = await loadLibrary(dir).then(
    () => new Error("not refused"),
    (refusal: Error) => refusal,
  );
  return error.message.replaceAll(`${dir}/`, "");
}

export function csv(...rows: readonly string[]): string {
  return [HEADER, ...rows, ""].join("\n");
}

/** Rows an hour apart, from a price of 100 on. */
export function hours(count: number, from = T0, step = HOUR): readonly string[] {
  return Array.from({ length: count }, (_, i) => `${from + i * step},${100 + i},${102 + i},${99 + i},${101 + i},5`);
}
