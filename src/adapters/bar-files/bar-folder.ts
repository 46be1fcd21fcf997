import { createReadStream } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { createGunzip } from "node:zlib";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import type { BarSource } from "./reading.ts";
import { zippedFiles } from "./zip.ts";

/** A file that was not read, and why. */
export interface SkippedFile {
  readonly file: string;
  readonly reason: string;
}

export interface BarFolder {
  /** By name. */
  readonly sources: readonly BarSource[];
  readonly skipped: readonly SkippedFile[];
}

const TEXT = /\.(csv|tsv|txt)$/i;
const KINDS = ".csv, .tsv or .txt, as they are or in .gz or .zip";
/** Kinds of files that people take for readable. */
const OTHER_KINDS: readonly (readonly [RegExp, string])[] = [
  [/\.(json|jsonl|ndjson)(\.gz)?$/i, "JSON is not read: write it as CSV"],
  [/\.(parquet|feather|arrow|h5|hdf5|pkl)$/i, "columns in binary form are not read: write them as CSV"],
  [/\.(xls|xlsx|ods)$/i, "spreadsheets are not read: save the sheet as CSV"],
  [/\.(7z|rar|tar|tgz|bz2|xz|zst)(\.gz)?$/i, "archives of this kind are not read: unpack it, or use .gz or .zip"],
];

/**
 * The files of bars in a folder. Fails with `invalid` where there is no such folder, or an archive
 * is damaged.
 */
export async function barFolder(dir: string): Promise<BarFolder> {
  const sources: BarSource[] = [];
  const skipped: SkippedFile[] = [];
  for (const name of await namesIn(dir)) {
    const path = join(dir, name);
    if (TEXT.test(name)) {
      sources.push({ file: path, names: [name], open: () => createReadStream(path) });
    } else if (/\.gz$/i.test(name) && TEXT.test(name.slice(0, -3))) {
      sources.push({ file: path, names: [name], open: () => unpacked(path) });
    } else if (/\.zip$/i.test(name)) {
      const archive = await filesInArchive(path, name);
      sources.push(...archive.sources);
      skipped.push(...archive.skipped);
    } else {
      skipped.push({ file: path, reason: reasonFor(name) });
    }
  }
  return { sources, skipped };
}

async function filesInArchive(path: string, archive: string): Promise<BarFolder> {
  const files = await zippedFiles(path).catch((cause: unknown) => {
    throw new RuntimeError("invalid", `${path}: cannot be read: ${errorText(cause)}`, { cause });
  });
  const sources: BarSource[] = [];
  const skipped: SkippedFile[] = [];
  for (const { name, open } of files) {
    const file = `${path}: ${name}`;
    const plain = basename(name);
    if (TEXT.test(plain) && !plain.startsWith(".")) {
      sources.push({ file, names: [plain, archive], open });
    } else if (!plain.startsWith(".")) {
      skipped.push({ file, reason: reasonFor(plain) });
    }
  }
  return { sources, skipped: files.length === 0 ? [{ file: path, reason: "it is empty" }] : skipped };
}

async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(dir, { withFileTypes: true });
    const named = entries.filter(({ name }) => !name.startsWith("."));
    return named.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name)).sort();
  } catch (cause) {
    throw new RuntimeError("invalid", whyNoFolder(resolve(dir), cause), { cause });
  }
}

function whyNoFolder(path: string, cause: unknown): string {
  switch ((cause as NodeJS.ErrnoException).code) {
    case "ENOENT":
      return `there is no folder ${path}; create it, or name the one that has the bars`;
    case "ENOTDIR":
      return `${path} is a file; name the folder that it is in`;
    case "EACCES":
      return `${path} may not be read by the user of this process`;
    default:
      return `the folder ${path} cannot be read: ${String(cause)}`;
  }
}

function reasonFor(name: string): string {
  if (name.endsWith("/")) {
    return "folders inside it are not read: put the files side by side";
  }
  return OTHER_KINDS.find(([kind]) => kind.test(name))?.[1] ?? `it is no file of bars (${KINDS})`;
}

async function* unpacked(path: string): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path);
  const unpacking = createGunzip();
  file.on("error", (error) => unpacking.destroy(error));
  try {
    yield* file.pipe(unpacking);
  } finally {
    file.destroy();
  }
}
