/**
 * What the files of a part may import: other parts, and packages (`node:` alone: all of Node). Its
 * own files always.
 */
export interface ImportRule {
  readonly parts: readonly string[];
  readonly packages: readonly string[];
}

const CORE = ["domain", "expressions", "indicators", "ports"];
/** Of the engine's rules, those that rooms above them read. */
const JUDGING = ["engine/rules/conditions", "engine/rules/gates", "engine/rules/judging"];
const BASE = ["engine/api.ts", "engine/concurrency"];

/**
 * The engine's rooms from the bottom up: a room may import rooms that stand above it in this list,
 * and of these the ones it names.
 */
export const ENGINE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  "engine/api.ts": [],
  "engine/concurrency": [],
  "engine/streams": ["engine/api.ts"],
  "engine/rules/conditions": [],
  "engine/rules/gates": ["engine/rules/conditions"],
  "engine/rules/exits": ["engine/rules/conditions"],
  "engine/rules/judging": ["engine/rules/conditions", "engine/rules/gates", "engine/rules/exits"],
  "engine/rules/sets": ["engine/concurrency", ...JUDGING],
  "engine/validation": ["engine/rules/conditions"],
  "engine/market": [...BASE, "engine/rules/conditions"],
  "engine/policy": [...BASE, "engine/rules/gates"],
  "engine/strategies": [...BASE, "engine/rules/conditions", "engine/rules/sets", "engine/validation"],
  "engine/accounts": [...BASE, "engine/streams", "engine/validation", "engine/strategies"],
  "engine/runtime/exits": [
    "engine/api.ts",
    "engine/rules/conditions",
    "engine/rules/exits",
    "engine/validation",
    "engine/market",
    "engine/strategies",
  ],
  "engine/runtime/deciding": [
    "engine/concurrency",
    "engine/streams",
    ...JUDGING,
    "engine/rules/exits",
    "engine/strategies",
  ],
  "engine/runtime/sweeps": [
    "engine/concurrency",
    ...JUDGING,
    "engine/rules/sets",
    "engine/runtime/exits",
    "engine/runtime/deciding",
  ],
  "engine/runtime/bar-closes": [
    "engine/concurrency",
    "engine/rules/conditions",
    "engine/rules/judging",
    "engine/rules/sets",
    "engine/market",
    "engine/strategies",
    "engine/runtime/exits",
    "engine/runtime/sweeps",
  ],
  "engine/runtime/calls": [
    ...BASE,
    "engine/streams",
    ...JUDGING,
    "engine/validation",
    "engine/market",
    "engine/strategies",
    "engine/runtime/deciding",
    "engine/runtime/sweeps",
  ],
  "engine/runtime/follow": [...BASE, "engine/streams"],
  "engine/runtime-desk.ts": [
    "engine/api.ts",
    "engine/market",
    "engine/policy",
    "engine/strategies",
    "engine/runtime/exits",
    "engine/runtime/deciding",
    "engine/runtime/bar-closes",
    "engine/runtime/calls",
    "engine/runtime/follow",
  ],
  "engine/engine-options.ts": ["engine/concurrency"],
  "engine/engine.ts": [
    ...BASE,
    "engine/streams",
    "engine/rules/judging",
    "engine/market",
    "engine/policy",
    "engine/strategies",
    "engine/accounts",
    "engine/runtime/exits",
    "engine/runtime/deciding",
    "engine/runtime/sweeps",
    "engine/runtime/bar-closes",
    "engine/runtime/follow",
    "engine/runtime-desk.ts",
    "engine/engine-options.ts",
  ],
};

const engine = Object.fromEntries(
  Object.entries(ENGINE_ROOMS).map(([room, rooms]) => [room, { parts: [...CORE, ...rooms], packages: [] }]),
);

const VENUE = "adapters/binance/venue";
const VENUE_TIME = "adapters/binance/time";
const VENUE_REST = "adapters/binance/rest";
const VENUE_STREAMS = "adapters/binance/streams";

/** The rooms of an adapter that is larger than a few files, from the bottom up. */
const binance: Readonly<Record<string, ImportRule>> = {
  [VENUE]: { parts: ["domain"], packages: ["zod"] },
  [VENUE_TIME]: { parts: ["domain", "ports"], packages: [] },
  [VENUE_REST]: { parts: ["domain", "ports", VENUE, VENUE_TIME], packages: ["zod"] },
  [VENUE_STREAMS]: { parts: ["domain", "ports", VENUE, VENUE_TIME, VENUE_REST], packages: ["ws"] },
  "adapters/binance/binance.ts": {
    parts: ["domain", "ports", VENUE, VENUE_TIME, VENUE_REST, VENUE_STREAMS],
    packages: [],
  },
};

export const RULES: Readonly<Record<string, ImportRule>> = {
  domain: { parts: [], packages: ["node:crypto"] },
  indicators: { parts: ["domain"], packages: [] },
  expressions: { parts: ["domain", "indicators"], packages: [] },
  ports: { parts: ["domain"], packages: [] },
  ...engine,
  "adapters/memory": { parts: ["domain", "ports"], packages: [] },
  "adapters/postgres": { parts: ["domain", "ports"], packages: ["node:", "@electric-sql/pglite", "pg"] },
  "adapters/redis": { parts: ["domain", "ports"], packages: ["node:", "ioredis"] },
  ...binance,
  "adapters/paced": { parts: ["domain", "ports"], packages: ["node:"] },
  "adapters/simulated": { parts: ["domain", "ports", "adapters/paced"], packages: ["node:"] },
  "adapters/bar-files": { parts: ["domain"], packages: ["node:", "yauzl"] },
  "adapters/replay": { parts: ["domain", "ports", "adapters/paced", "adapters/bar-files"], packages: [] },
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
    parts: ["gen", "domain", "ports", "engine/api.ts", "engine/concurrency", "engine/validation"],
    packages: [
      "node:",
      "@grpc/grpc-js",
      "@bufbuild/protobuf",
      "@connectrpc/connect",
      "@connectrpc/connect-node",
      "grpc-health-check",
    ],
  },
  process: { parts: ["domain", "ports", "engine/api.ts", "config.ts"], packages: ["node:"] },
  "main.ts": { parts: ["service.ts", "process", "domain"], packages: ["node:"] },
  "warm-up.ts": { parts: ["service.ts", "adapters/postgres", "process", "domain"], packages: ["node:"] },
  "migrate.ts": { parts: ["adapters/postgres", "domain"], packages: ["node:"] },
  config: { parts: ["domain", "indicators", "telemetry"], packages: ["zod"] },
  "config.ts": { parts: ["config", "domain"], packages: ["node:"] },
};

/**
 * app.ts puts everything together, by kind in assembly, and service.ts runs it: they may import
 * all, and none but service.ts imports app.ts.
 */
export const COMPOSITION = ["app.ts", "service.ts", "assembly"];

/** Folders whose folders are parts of their own. */
const SPLIT = ["adapters", "engine"];

/**
 * The part of the tree that a path from src belongs to: `engine/market`, `adapters/memory`,
 * `config.ts`, `gen`.
 */
export function partOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  if (first === "..") {
    return second;
  }
  let folder = path;
  while (folder !== ".") {
    if (folder in RULES) {
      return folder;
    }
    folder = folder.includes("/") ? folder.slice(0, folder.lastIndexOf("/")) : ".";
  }
  return SPLIT.includes(first) ? `${first}/${second}` : first;
}
