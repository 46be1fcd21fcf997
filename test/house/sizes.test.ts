import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { parseAst } from "vitest/node";

const SRC = fileURLToPath(new URL("../../src", import.meta.url));
const MOST_LINES_A_FILE = 300;
const MOST_LINES_A_FUNCTION = 60;

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

function filesOfSrc(): readonly string[] {
  return readdirSync(SRC, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Functions and methods, those inside others too. */
function functionsIn(tree: unknown): readonly Node[] {
  if (Array.isArray(tree)) {
    return tree.flatMap(functionsIn);
  }
  if (typeof tree !== "object" || tree === null) {
    return [];
  }
  const node = tree as Node;
  const inside = Object.values(tree).flatMap(functionsIn);
  return /Function/.test(node.type) && "body" in node ? [node, ...inside] : inside;
}

function longFunctions(path: string, source: string): readonly string[] {
  return functionsIn(parseAst(source, { lang: "ts" }).body).flatMap(({ start, end }) => {
    const lines = source.slice(start, end).split("\n").length;
    const first = source.slice(0, start).split("\n").length;
    return lines > MOST_LINES_A_FUNCTION ? [`${path}:${first} has ${lines} lines`] : [];
  });
}

it("no file of src is longer than can be read at once", () => {
  const long = filesOfSrc().filter(
    (path) => readFileSync(path, "utf8").trimEnd().split("\n").length > MOST_LINES_A_FILE,
  );
  expect(long.map((path) => relative(SRC, path))).toEqual([]);
});

it("no function of src is longer than a screen", () => {
  expect(longFunctions("x", `function f() {${"\n".repeat(MOST_LINES_A_FUNCTION)}}`)).toEqual(["x:1 has 61 lines"]);
  expect(filesOfSrc().flatMap((path) => longFunctions(relative(SRC, path), readFileSync(path, "utf8")))).toEqual([]);
});
