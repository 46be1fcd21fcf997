import { fdatasyncSync } from "node:fs";
import { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

interface EmscriptenModule {
  readonly NODEFS?: { readonly stream_ops: { fsync?: (stream: { readonly nfd?: number }) => number } };
}

/** PGlite's own arguments of the server but `-F`, which switches fsync off. */
export const SYNCED_START_PARAMS: readonly string[] = PGlite.defaultStartParams.filter((param) => param !== "-F");

/**
 * PGlite's folder on disk, with the fsync that its file system lacks: a commit is then on the disk, and not only
 * with the operating system, when it is acknowledged.
 */
export class SyncedNodeFs extends NodeFS {
  override async init(...args: Parameters<NodeFS["init"]>): ReturnType<NodeFS["init"]> {
    const started = await super.init(...args);
    const { emscriptenOpts } = started;
    const preRun = [...(emscriptenOpts.preRun ?? []), addSync];
    return { ...started, emscriptenOpts: { ...emscriptenOpts, preRun } };
  }
}

function addSync(module: EmscriptenModule): void {
  const operations = module.NODEFS?.stream_ops;
  if (operations !== undefined) {
    operations.fsync = ({ nfd }) => {
      if (nfd !== undefined) {
        fdatasyncSync(nfd);
      }
      return 0;
    };
  }
}
