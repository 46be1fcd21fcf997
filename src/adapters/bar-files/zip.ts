import { crc32 } from "node:zlib";
import type { Entry } from "yauzl";

/** A file inside an archive. */
export interface ZippedFile {
  /** With the folders inside the archive. */
  readonly name: string;
  open(): AsyncGenerator<Uint8Array>;
}

/** The library is loaded where there is an archive: no other start waits for it. */
async function opened(path: string) {
  const { openPromise } = await import("yauzl");
  return await openPromise(path, { autoClose: false });
}

/** The files of a zip archive, in its order. Fails where it is damaged. */
export async function zippedFiles(path: string): Promise<readonly ZippedFile[]> {
  const archive = await opened(path);
  try {
    const files: ZippedFile[] = [];
    for await (const entry of archive.eachEntry()) {
      if (!entry.fileName.endsWith("/")) {
        files.push({ name: entry.fileName, open: () => contentOf(path, entry) });
      }
    }
    return files;
  } finally {
    archive.close();
  }
}

/** Unpacks chunk by chunk. Fails at the end where the content is not what was packed. */
async function* contentOf(path: string, entry: Entry): AsyncGenerator<Uint8Array> {
  const archive = await opened(path);
  try {
    const content = await archive.openReadStreamPromise(entry);
    let sum = 0;
    for await (const chunk of content as AsyncIterable<Uint8Array>) {
      sum = crc32(chunk, sum);
      yield chunk;
    }
    if (sum !== entry.crc32) {
      throw new Error("the archive is damaged: its checksum is another one; download it again");
    }
  } finally {
    archive.close();
  }
}
