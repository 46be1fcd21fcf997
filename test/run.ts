import { spawn } from "node:child_process";
import { once } from "node:events";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { errorText } from "../src/domain/errors.ts";
import { countLine, countTests, type Results } from "./count.ts";
import { provideGrpcurl } from "./provide/grpcurl.ts";
import { providePython } from "./provide/python.ts";
import { canInstall, installTools, TOOL_GROUPS, type ToolGroup } from "./provide/tool.ts";
import { TOOLS } from "./provide/tools.ts";
import { toolNeeds } from "./tool-needs.ts";
import { UNIT } from "./unit.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What takes a while to make from the tools that there are, the first time. */
const MADE: readonly { readonly what: string; readonly group: ToolGroup; readonly make: () => Promise<unknown> }[] = [
  { what: "a Python environment with gRPC", group: "clients", make: providePython },
  { what: "grpcurl", group: "clients", make: provideGrpcurl },
];

export interface TestRun {
  readonly passed: boolean;
  /** "12 passed, 0 failed". */
  readonly line: string;
}

export interface TestChoice {
  /** Runs the files whose path contains one of these; all, without any. */
  readonly filters: readonly string[];
  /** Leaves out the files that need these tools. */
  readonly without: readonly ToolGroup[];
}

/**
 * Provides what tests need, then runs them. Runs none where a tool is missing and cannot be
 * installed.
 */
export async function runTests({ filters, without }: TestChoice): Promise<TestRun> {
  if (filters.length === 0) {
    try {
      await provideAll(without);
    } catch (error) {
      console.error(`${errorText(error)}\n${LEAVE_OUT}`);
      return { passed: false, line: "0 passed, 1 failed" };
    }
  }
  const folder = mkdtempSync(join(tmpdir(), "test-results-"));
  try {
    const results = join(folder, "results.json");
    const code = await runVitest(results, [...filters, ...leftOut(without).map((path) => `--exclude=${path}`)]);
    const count = countTests(readResults(results), code);
    return { passed: count.failed === 0 && count.passed > 0, line: countLine(count) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const LEAVE_OUT = `or run what can be run: npm test -- --without ${TOOL_GROUPS.join(",")}`;

/** One after the other: two would fight over the package manager. */
async function provideAll(without: readonly ToolGroup[]): Promise<void> {
  const missing = TOOLS.filter((tool) => !without.includes(tool.group) && tool.find() === undefined);
  if (missing.length > 0) {
    if (canInstall()) {
      console.log(`installing ${missing.map(({ need }) => need).join(", ")} from the system's packages …`);
    }
    await installTools(missing);
  }
  for (const { what, group, make } of MADE) {
    if (!without.includes(group)) {
      await saying(what, make);
    }
  }
}

/** A test that needs what could not be made fails, and says why. */
async function saying(what: string, make: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  const slow = setTimeout(() => console.log(`making ${what}, for the first time in up to two minutes …`), 2_000);
  try {
    await make();
  } catch (error) {
    console.error(`could not make ${what}: ${errorText(error)}`);
  } finally {
    clearTimeout(slow);
  }
  const seconds = (performance.now() - start) / 1_000;
  if (seconds >= 2) {
    console.log(`made ${what} in ${seconds.toFixed(1)} s`);
  }
}

/** The files of tests that need one of these groups of tools. */
function leftOut(without: readonly ToolGroup[]): readonly string[] {
  const needs = toolNeeds();
  const files = without.length === 0 ? [] : globSync("test/**/*.test.ts", { cwd: ROOT });
  return files.filter((path) => without.some((group) => needs(join(ROOT, path)).has(group)));
}

async function runVitest(results: string, args: readonly string[]): Promise<number> {
  const vitest = join(createRequire(import.meta.url).resolve("vitest/package.json"), "..", "vitest.mjs");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${results}`];
  const child = spawn(process.execPath, [vitest, "run", ...reporters, ...args], {
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

/** "--without clients,servers", "--unit" and the rest, or a fault that says what there is. */
function choiceOf(args: readonly string[]): TestChoice {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { without: { type: "string", default: "" }, unit: { type: "boolean", default: false } },
  });
  const without = values.without.split(",").filter((group) => group !== "");
  const unknown = without.filter((group) => !(TOOL_GROUPS as readonly string[]).includes(group));
  if (unknown.length > 0) {
    throw new Error(`--without ${unknown.join(",")}: there are ${TOOL_GROUPS.join(", ")}`);
  }
  return { filters: values.unit ? UNIT : positionals, without: without as ToolGroup[] };
}

if (import.meta.main) {
  const { passed, line } = await runTests(choiceOf(process.argv.slice(2)));
  console.log(line);
  process.exitCode = passed ? 0 : 1;
}
