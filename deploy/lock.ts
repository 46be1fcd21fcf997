import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const ROOT: string = fileURLToPath(new URL("..", import.meta.url));

export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** As an SPDX expression, as far as the package says. */
  readonly license: string;
}

interface LockEntry {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
}

/**
 * What package-lock.json has the image install, by name and version: each once, whatever folders it
 * lies in.
 */
export function runtimePackages(): readonly LockedPackage[] {
  const lock = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8"));
  const entries = Object.entries(lock.packages as Readonly<Record<string, LockEntry>>);
  const found = new Map<string, LockedPackage>();
  for (const [path, { version = "", license = "not stated", dev }] of entries) {
    if (path !== "" && dev !== true) {
      const name = path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
      found.set(`${name}@${version}`, { name, version, license });
    }
  }
  return [...found.values()].sort((a, b) => (`${a.name} ${a.version}` < `${b.name} ${b.version}` ? -1 : 1));
}

export interface BaseImage {
  /** As one pulls it, without tag and digest. */
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** The version of Node in it. */
  readonly node: string;
}

/** The image that the Dockerfile builds on, by its default. */
export function baseImage(): BaseImage {
  const text = readFileSync(join(ROOT, "Dockerfile"), "utf8");
  const match =
    /^ARG NODE_IMAGE=(?<repository>[^:@\s]+):(?<tag>(?<node>[\d.]+)[\w.-]*)@(?<digest>sha256:[0-9a-f]{64})$/m;
  const { repository, tag, digest, node } = match.exec(text)?.groups ?? {};
  if (repository === undefined || tag === undefined || digest === undefined || node === undefined) {
    throw new Error("the Dockerfile's NODE_IMAGE is not name:version@digest; npm run pin-images writes the digest");
  }
  return { repository, tag, digest, node };
}
