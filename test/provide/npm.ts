import { existsSync } from "node:fs";
import { join } from "node:path";
import { cached } from "./cache.ts";
import { findCommand, run } from "./command.ts";

/** From this version on, npm writes bills of materials. Debian's is older. */
const LEAST_MAJOR = 10;
const VERSION = "11.19.1";

/** The path of an npm that is new enough: from PATH, else installed. */
export async function provideNpm(): Promise<{ readonly npm: string }> {
  const own = findCommand("npm") ?? "npm";
  const version = await run(own, ["--version"]);
  if (Number.parseInt(version, 10) >= LEAST_MAJOR) {
    return { npm: own };
  }
  const inside = (folder: string) => join(folder, "node_modules/.bin/npm");
  const folder = await cached(
    `npm-${VERSION}`,
    async (target) => {
      await run(own, ["install", "--no-save", "--no-audit", "--no-fund", `--prefix=${target}`, `npm@${VERSION}`]);
    },
    (target) => existsSync(inside(target)),
  );
  return { npm: inside(folder) };
}
