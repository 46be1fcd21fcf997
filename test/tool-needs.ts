import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import type { ToolGroup } from "./provide/tool.ts";

const TESTS = fileURLToPath(new URL(".", import.meta.url));
/** Tests of the bench import modules of the bench, which need tools themselves. */
const ROOT = dirname(TESTS);

/** What a test needs that imports one of these modules, by itself or through others. */
const PROVIDERS: Readonly<Record<string, ToolGroup>> = {
  "provide/python.ts": "clients",
  "provide/go.ts": "clients",
  "provide/grpcurl.ts": "clients",
  "provide/curl.ts": "clients",
  "provide/promtool.ts": "clients",
  "provide/postgres.ts": "servers",
  "provide/redis.ts": "servers",
  "provide/chromium.ts": "browser",
};

const IMPORT = /(?:from|import\()\s*"(\.[^"]+\.ts)"/g;

/** Answers with the groups of tools that a file of tests needs. */
export function toolNeeds(): (path: string) => ReadonlySet<ToolGroup> {
  const imports = new Map<string, readonly string[]>();
  const importsOf = (path: string) => {
    const known = imports.get(path);
    if (known !== undefined) {
      return known;
    }
    const found = [...readFileSync(path, "utf8").matchAll(IMPORT)].map(([, name = ""]) => join(dirname(path), name));
    // Some tests write files with imports of their own.
    const own = found.filter((target) => target.startsWith(ROOT) && existsSync(target));
    imports.set(path, own);
    return own;
  };
  return (path) => {
    const seen = new Set([path]);
    for (const file of seen) {
      for (const target of importsOf(file)) {
        seen.add(target);
      }
    }
    const groups = [...seen].map((file) => PROVIDERS[relative(TESTS, file)]);
    return new Set(groups.filter((group) => group !== undefined));
  };
}
