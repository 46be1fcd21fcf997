import { fdatasyncSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

interface EmscriptenModule {
  readonly NODEFS?: { readonly stream_ops: { fsync?: (stream: { readonly nfd?: number }) => number } };
}

/**
 * PGlite's own arguments of the server, so changed that a commit is synced: without `-F`, which
 * switches fsync off, and with the one method of which this build of the server makes a system call
 * (its default, fdatasync, answers that all is well and does nothing).
 */
export const SYNCED_START_PARAMS: readonly string[] = [
  ...PGlite.defaultStartParams.filter((param) => param !== "-F"),
  "-c",
  "wal_sync_method=fsync",
];

/** The number by which this build of the server knows that a file could not be read or written. */
const EIO = 29;

/**
 * PGlite's folder on disk, with the fsync that its file system lacks: a commit is then on the disk,
 * and not only with the operating system, when it is acknowledged.
 */
export class SyncedNodeFs extends NodeFS {
  override async init(...args: Parameters<NodeFS["init"]>): ReturnType<NodeFS["init"]> {
    const started = await super.init(...args);
    const { emscriptenOpts } = started;
    const preRun = [...(emscriptenOpts.preRun ?? []), addSync];
    return { ...started, emscriptenOpts: { ...emscriptenOpts, preRun } };
  }
}

/** Fails where it cannot: without the hook nothing would be synced, and nobody would hear of it. */
function addSync(module: EmscriptenModule): void {
  const operations = module.NODEFS?.stream_ops;
  if (operations === undefined) {
    throw new Error("this version of PGlite has no file system to add syncs to");
  }
  operations.fsync = ({ nfd }) => {
    if (nfd === undefined) {
      return EIO;
    }
    try {
      fdatasyncSync(nfd);
      return 0;
    } catch {
      // An exception would be lost within PGlite, and the commit acknowledged.
      return EIO;
    }
  };
}
