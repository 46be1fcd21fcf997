import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { countLine, countTests, type Results } from "./count.ts";
import { provideGo } from "./provide/go.ts";
import { provideGrpcurl } from "./provide/grpcurl.ts";
import { providePostgres } from "./provide/postgres.ts";
import { providePython } from "./provide/python.ts";
import { provideRedis } from "./provide/redis.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const PROVIDERS: Readonly<Record<string, () => Promise<unknown>>> = {
  "Python with gRPC": providePython,
  Go: provideGo,
  grpcurl: provideGrpcurl,
  PostgreSQL: providePostgres,
  Redis: provideRedis,
};

export interface TestRun {
  readonly passed: boolean;
  /** "12 passed, 0 failed". */
  readonly line: string;
}

/** Provides what tests need, then runs those whose path contains one of `filters` (all, without any). */
export async function runTests(filters: readonly string[]): Promise<TestRun> {
  if (filters.length === 0) {
    await provideAll();
  }
  const folder = mkdtempSync(join(tmpdir(), "test-results-"));
  try {
    const results = join(folder, "results.json");
    const code = await runVitest(results, filters);
    const count = countTests(readResults(results), code);
    return { passed: count.failed === 0 && count.passed > 0, line: countLine(count) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One after the other: they would fight over the package manager. The tests that need what is missing fail and say so again. */
async function provideAll(): Promise<void> {
  for (const [what, provide] of Object.entries(PROVIDERS)) {
    const start = performance.now();
    try {
      await provide();
      const seconds = (performance.now() - start) / 1_000;
      if (seconds >= 1) {
        console.log(`provided ${what} in ${seconds.toFixed(1)} s`);
      }
    } catch (error) {
      console.error(`could not provide ${what}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

async function runVitest(results: string, filters: readonly string[]): Promise<number> {
  const vitest = join(createRequire(import.meta.url).resolve("vitest/package.json"), "..", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const child = spawn(process.execPath, [vitest, "run", ...reporters, ...filters], {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = (await once(child, "close")) as [number | null];
  return code ?? 1;
}

/** Undefined where the run ended before it could write any. */
function readResults(path: string): Results | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

if (import.meta.main) {
  const { passed, line } = await runTests(process.argv.slice(2));
  console.log(line);
  process.exitCode = passed ? 0 : 1;
}
