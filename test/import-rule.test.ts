import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { COMPOSITION, ENGINE_ROOMS, partOf, RULES } from "./import-rules.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What a file imports, types and dynamic imports of a fixed name included. */
function importsOf(source: string): readonly string[] {
  const fixed = /^\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']/gm;
  const sideEffect = /^\s*import\s*["']([^"']+)["']/gm;
  const dynamic = /\b(?:import|require)\s*\(\s*["'`]([^"'`]+)["'`]/g;
  return [fixed, sideEffect, dynamic].flatMap((pattern) =>
    [...source.matchAll(pattern)].map((match) => match[1] ?? ""),
  );
}

/** Why `path` (from src) may not import what it does. */
function violations(path: string, source: string): readonly string[] {
  const part = partOf(path);
  const rule = RULES[part];
  return importsOf(source).flatMap((specifier) => {
    if (COMPOSITION.includes(part)) {
      return [];
    }
    if (rule === undefined) {
      return [`${path}: ${part} has no import rule; give it one here and in docs/architecture.md`];
    }
    if (!specifier.startsWith(".")) {
      const name = specifier.startsWith("@") ? specifier.split("/").slice(0, 2).join("/") : specifier.split("/")[0];
      const allowed = rule.packages.some(
        (item) => item === name || (item === "node:" && specifier.startsWith("node:")),
      );
      return allowed ? [] : [`${path} imports the package ${specifier}`];
    }
    const target = partOf(posix.join(posix.dirname(path), specifier));
    return target === part || rule.parts.includes(target) ? [] : [`${path} imports ${target} (${specifier})`];
  });
}

function sources(): ReadonlyMap<string, string> {
  const files = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".ts"),
  );
  return new Map(files.map((path) => [path.replaceAll("\\", "/"), readFileSync(join(ROOT, "src", path), "utf8")]));
}

describe("the import rule", () => {
  it("holds in every file of src", () => {
    const files = sources();
    expect(files.size).toBeGreaterThan(30);
    expect([...files.values()].flatMap(importsOf).length).toBeGreaterThan(100);
    expect([...files].flatMap(([path, source]) => violations(path, source))).toEqual([]);
  });

  it("lets only service.ts import app.ts", () => {
    const importers = [...sources()].filter(([path, source]) =>
      importsOf(source).some((specifier) => posix.join(posix.dirname(path), specifier) === "app.ts"),
    );
    expect(importers.map(([path]) => path).filter((path) => path !== "service.ts")).toEqual([]);
  });

  it.each([
    ["domain/bar.ts", 'import { x } from "../ports/clock.ts";', "domain/bar.ts imports ports (../ports/clock.ts)"],
    [
      "domain/bar.ts",
      'import type {\n  X,\n} from "../engine/api.ts";',
      "domain/bar.ts imports engine/api.ts (../engine/api.ts)",
    ],
    ["engine/market/series.ts", 'import "zod";', "engine/market/series.ts imports the package zod"],
    ["engine/api.ts", 'export * from "../rpc/x.ts";', "engine/api.ts imports rpc (../rpc/x.ts)"],
    ["engine/validation/a.ts", 'import a from "../../config.ts";', "imports config.ts (../../config.ts)"],
    ["indicators/rsi.ts", 'const x = await import("node:fs");', "imports the package node:fs"],
    ["adapters/memory/x.ts", 'import { x } from "../postgres/y.ts";', "imports adapters/postgres (../postgres/y.ts)"],
    ["adapters/memory/x.ts", 'import { Pool } from "pg";', "imports the package pg"],
    ["rpc/handlers/x.ts", 'import { x } from "../../adapters/memory/y.ts";', "imports adapters/memory"],
    ["ports/clock.ts", 'import type { X } from "../app.ts";', "imports app.ts (../app.ts)"],
    [
      "engine/rules/gates/gate.ts",
      'import { x } from "../judging/judge.ts";',
      "engine/rules/gates/gate.ts imports engine/rules/judging (../judging/judge.ts)",
    ],
    ["engine/market/x.ts", 'import { x } from "../runtime/calls/y.ts";', "imports engine/runtime/calls"],
    ["engine/books/x.ts", 'import { x } from "../api.ts";', "engine/books has no import rule"],
    ["brokers/x.ts", 'import { x } from "../domain/bar.ts";', "brokers has no import rule"],
  ])("finds the violation in %s: %s", (path, source, violation) => {
    expect(violations(path, source).join()).toContain(violation);
  });

  it("finds nothing where there is none", () => {
    const source =
      'import { Pool } from "pg";\nimport { a } from "./sql.ts";\nimport type { B } from "../../domain/bar.ts";\n';
    expect(violations("adapters/postgres/x.ts", source)).toEqual([]);
    expect(violations("rpc/handlers/x.ts", 'import { X } from "../../../gen/strategyruntime/v1/x_pb.ts";')).toEqual([]);
  });
});

describe("the engine's rooms", () => {
  it("stand in an order in which every import goes to a room before", () => {
    const rooms = Object.keys(ENGINE_ROOMS);
    const up = Object.entries(ENGINE_ROOMS).flatMap(([room, below]) =>
      below.filter((each) => !rooms.slice(0, rooms.indexOf(room)).includes(each)).map((each) => `${room} to ${each}`),
    );
    expect(up).toEqual([]);
  });

  it("use every arrow that they are allowed", () => {
    const used = new Set(
      [...sources()].flatMap(([path, source]) =>
        importsOf(source).map((name) => `${partOf(path)} to ${partOf(posix.join(posix.dirname(path), name))}`),
      ),
    );
    const allowed = Object.entries(ENGINE_ROOMS).flatMap(([room, below]) => below.map((each) => `${room} to ${each}`));
    expect(allowed.filter((arrow) => !used.has(arrow))).toEqual([]);
  });

  it("have the same arrows in the linter", () => {
    const overrides = JSON.parse(readFileSync(join(ROOT, "biome.json"), "utf8")).overrides.filter(
      ({ includes }: { includes: string[] }) => includes[0]?.startsWith("src/engine/"),
    );
    expect(overrides).toEqual(Object.keys(ENGINE_ROOMS).map(linterOverride));
  });
});

/** What biome.json says of a room: nothing may be imported but what is named. */
function linterOverride(room: string) {
  const isFile = room.endsWith(".ts");
  const folder = posix.join("src", isFile ? posix.dirname(room) : room);
  const parts = RULES[room]?.parts ?? [];
  const allowed = parts.map((part) => {
    const path = posix.relative(folder, posix.join("src", part));
    return `!${path.startsWith(".") ? path : `./${path}`}${part.endsWith(".ts") ? "" : "/**"}`;
  });
  const group = ["**", ...(isFile ? [] : ["!./**"]), ...allowed];
  const options = { patterns: [{ group, message: `${room} may import ${parts.join(", ")} only` }] };
  return {
    includes: [posix.join("src", isFile ? room : `${room}/**`)],
    linter: { rules: { style: { noRestrictedImports: { level: "error", options } } } },
  };
}

describe("the folders of rpc", () => {
  it("never import each other both ways", () => {
    const folderOf = (path: string) => posix.dirname(path);
    const arrows = new Set(
      [...sources()]
        .filter(([path]) => /^rpc\/\w+\//.test(path))
        .flatMap(([path, source]) =>
          importsOf(source)
            .map((name) => folderOf(posix.join(folderOf(path), name)))
            .filter((target) => target.startsWith("rpc/") && target !== folderOf(path))
            .map((target) => `${folderOf(path)} ${target}`),
        ),
    );
    expect(arrows.size).toBeGreaterThan(10);
    expect([...arrows].filter((arrow) => arrows.has(arrow.split(" ").reverse().join(" ")))).toEqual([]);
  });
});

describe("the core", () => {
  /**
   * Reads of the outer world. Comments and strings are not excepted: there is no need for these
   * words in them either.
   */
  const OUTSIDE =
    /\b(Date\.now|Math\.random|process\.\w|setTimeout|setInterval|setImmediate|performance\.(?:now|timeOrigin|mark)|new Date\(\))/;

  it("never reads a clock, a random number or the environment by itself", () => {
    expect(OUTSIDE.test("const now = Date.now();")).toBe(true);
    const core = [...sources()].filter(([path]) => /^(domain|indicators|engine|ports)\//.test(path));
    expect(core.length).toBeGreaterThan(20);
    expect(core.filter(([, source]) => OUTSIDE.test(source)).map(([path]) => path)).toEqual([]);
  });
});
