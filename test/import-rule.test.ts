import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Parts of the tree and what each may import: other parts, and packages (`node:` alone: all of Node). Its own files always. */
const RULES: Readonly<Record<string, { readonly parts: readonly string[]; readonly packages: readonly string[] }>> = {
  domain: { parts: [], packages: ["node:crypto"] },
  indicators: { parts: ["domain"], packages: [] },
  ports: { parts: ["domain"], packages: [] },
  engine: { parts: ["domain", "indicators", "ports"], packages: [] },
  "adapters/memory": { parts: ["domain", "ports"], packages: [] },
  "adapters/postgres": { parts: ["domain", "ports"], packages: ["node:", "@electric-sql/pglite", "pg"] },
  "adapters/redis": { parts: ["domain", "ports"], packages: ["node:", "ioredis"] },
  "adapters/binance": { parts: ["domain", "ports"], packages: ["node:", "ws", "zod"] },
  "adapters/paced": { parts: ["domain", "ports"], packages: ["node:"] },
  "adapters/simulated": { parts: ["domain", "ports", "adapters/paced"], packages: ["node:"] },
  "adapters/replay": { parts: ["domain", "ports", "adapters/paced"], packages: ["node:"] },
  "adapters/wrappers": { parts: ["domain", "ports"], packages: [] },
  telemetry: {
    parts: ["domain", "ports"],
    packages: [
      "node:",
      "pino",
      "pino-pretty",
      "prom-client",
      "@opentelemetry/api",
      "@opentelemetry/context-async-hooks",
      "@opentelemetry/core",
      "@opentelemetry/exporter-trace-otlp-proto",
      "@opentelemetry/instrumentation-ioredis",
      "@opentelemetry/instrumentation-pg",
      "@opentelemetry/resources",
      "@opentelemetry/sdk-trace",
    ],
  },
  rpc: {
    parts: ["gen", "domain", "ports", "engine"],
    packages: [
      "node:",
      "@grpc/grpc-js",
      "@bufbuild/protobuf",
      "@connectrpc/connect",
      "@connectrpc/connect-node",
      "grpc-health-check",
    ],
  },
  process: { parts: ["domain", "ports", "engine", "config.ts"], packages: ["node:"] },
  "main.ts": { parts: ["service.ts", "process", "domain"], packages: ["node:"] },
  "warm-up.ts": { parts: ["service.ts", "adapters/postgres", "process", "domain"], packages: ["node:"] },
  "migrate.ts": { parts: ["adapters/postgres", "domain"], packages: ["node:"] },
  config: { parts: ["domain", "indicators", "telemetry"], packages: ["zod"] },
  "config.ts": { parts: ["config", "domain"], packages: ["node:"] },
};

/** app.ts puts everything together, by kind in assembly, and service.ts runs it: they may import all, and none but service.ts imports app.ts. */
const COMPOSITION = ["app.ts", "service.ts", "assembly"];

/** What a file imports, types and dynamic imports of a fixed name included. */
function importsOf(source: string): readonly string[] {
  const fixed = /^\s*(?:import|export)\b[^;"'`]*?\bfrom\s*["']([^"']+)["']/gm;
  const sideEffect = /^\s*import\s*["']([^"']+)["']/gm;
  const dynamic = /\b(?:import|require)\s*\(\s*["'`]([^"'`]+)["'`]/g;
  return [fixed, sideEffect, dynamic].flatMap((pattern) =>
    [...source.matchAll(pattern)].map((match) => match[1] ?? ""),
  );
}

/** The part of the tree that a path from src belongs to: `engine`, `adapters/memory`, `config.ts`, `gen`. */
function partOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  if (first === "..") {
    return second;
  }
  return first === "adapters" ? `adapters/${second}` : first;
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
      "domain/bar.ts imports engine (../engine/api.ts)",
    ],
    ["engine/judge.ts", 'import "zod";', "engine/judge.ts imports the package zod"],
    ["engine/judge.ts", 'export * from "../rpc/x.ts";', "engine/judge.ts imports rpc (../rpc/x.ts)"],
    ["engine/validation/a.ts", 'import a from "../../config.ts";', "imports config.ts (../../config.ts)"],
    ["indicators/rsi.ts", 'const x = await import("node:fs");', "imports the package node:fs"],
    ["adapters/memory/x.ts", 'import { x } from "../postgres/y.ts";', "imports adapters/postgres (../postgres/y.ts)"],
    ["adapters/memory/x.ts", 'import { Pool } from "pg";', "imports the package pg"],
    ["rpc/handlers/x.ts", 'import { x } from "../../adapters/memory/y.ts";', "imports adapters/memory"],
    ["ports/clock.ts", 'import type { X } from "../app.ts";', "imports app.ts (../app.ts)"],
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

describe("the core", () => {
  /** Reads of the outer world. Comments and strings are not excepted: there is no need for these words in them either. */
  const OUTSIDE =
    /\b(Date\.now|Math\.random|process\.\w|setTimeout|setInterval|setImmediate|performance\.(?:now|timeOrigin|mark)|new Date\(\))/;

  it("never reads a clock, a random number or the environment by itself", () => {
    expect(OUTSIDE.test("const now = Date.now();")).toBe(true);
    const core = [...sources()].filter(([path]) => /^(domain|indicators|engine|ports)\//.test(path));
    expect(core.length).toBeGreaterThan(20);
    expect(core.filter(([, source]) => OUTSIDE.test(source)).map(([path]) => path)).toEqual([]);
  });
});
