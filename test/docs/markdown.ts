import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");

/** Folders whose pages are not ours, or are made while the tests run. */
const FOREIGN = ["node_modules/**", "**/node_modules/**", ".data/**", ".git/**"];

/** Every page of the repository, by its path from the root. */
export function pages(): readonly string[] {
  return globSync(["*.md", ".github/**/*.md", "**/*.md"], { cwd: ROOT, exclude: FOREIGN })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path, i, all) => all.indexOf(path) === i)
    .sort();
}

export function pageText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The text without fenced blocks and code, in which nothing is a link or a heading. */
export function prose(text: string): string {
  return text.replace(/^( *)```.*?^\1```$/gms, "");
}

/** The targets of a page's links, without those to other sites. */
export function links(text: string): readonly string[] {
  const targets = [...prose(text).matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(([, target = ""]) => target);
  return targets.filter((target) => !/^(https?|mailto):/.test(target));
}

/** The names by which links lead to a page's headings, as GitHub makes them. */
export function anchors(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  const names = [...prose(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => {
    const name = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, "")
      .replaceAll(" ", "-");
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return count === 0 ? name : `${name}-${count}`;
  });
  return new Set(names);
}
