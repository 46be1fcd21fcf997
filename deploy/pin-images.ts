import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * The files that name images. Every image in them has a tag for people, and a digest that says what
 * is pulled.
 */
export const IMAGE_FILES = ["Dockerfile", "compose.yaml", ".devcontainer/Dockerfile"] as const;

const PINNED = /(?<image>[\w.-]+(?:\/[\w.-]+)+:[\w.-]+)@(?<digest>sha256:[0-9a-f]{64})/g;

/**
 * Pinned images by name and tag, each with the digests that it is pinned to: more than one is a
 * fault.
 */
export function pinnedImages(texts: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const { groups } of texts.flatMap((text) => [...text.matchAll(PINNED)])) {
    const { image = "", digest = "" } = groups ?? {};
    found.set(image, (found.get(image) ?? new Set()).add(digest));
  }
  return found;
}

/** The digest that the registry has for an image's tag now, over all platforms. */
async function currentDigest(image: string): Promise<string> {
  const args = ["buildx", "imagetools", "inspect", image, "--format", "{{.Manifest.Digest}}"];
  const { stdout } = await promisify(execFile)("docker", args);
  const digest = stdout.trim();
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw new Error(`docker answered ${JSON.stringify(digest)} for ${image}, which is no digest`);
  }
  return digest;
}

/**
 * Puts the registry's digests into the files of `root` and answers what changed, one image a line.
 */
export async function pinImages(root: string, write: boolean): Promise<readonly string[]> {
  const texts = new Map(IMAGE_FILES.map((file) => [file, readFileSync(join(root, file), "utf8")]));
  const changes: string[] = [];
  for (const [image, digests] of pinnedImages([...texts.values()])) {
    const digest = await currentDigest(image);
    const old = [...digests].filter((one) => one !== digest);
    if (old.length > 0) {
      changes.push(`${image}: ${old.join(", ")} is now ${digest}`);
    }
    for (const [file, text] of texts) {
      texts.set(
        file,
        text.replaceAll(PINNED, (all, name: string) => (name === image ? `${name}@${digest}` : all)),
      );
    }
  }
  if (write) {
    for (const [file, text] of texts) {
      writeFileSync(join(root, file), text);
    }
  }
  return changes;
}

if (import.meta.main) {
  const check = process.argv.includes("--check");
  try {
    const changes = await pinImages(ROOT, !check);
    console.log(changes.length > 0 ? changes.join("\n") : "every image is pinned to what its tag has now");
    process.exitCode = check && changes.length > 0 ? 1 : 0;
  } catch (error) {
    console.error(`the registry cannot be asked; docker with buildx is needed: ${error}`);
    process.exitCode = 1;
  }
}
