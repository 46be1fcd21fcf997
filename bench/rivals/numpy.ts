import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { provideNumpy } from "../../test/provide/python.ts";
import type { Rule } from "../samples/rulebook.ts";
import type { Found } from "./found.ts";

const PROGRAM = fileURLToPath(new URL("numpy_sweep.py", import.meta.url));

export interface NumpySweep extends AsyncDisposable {
  /**
   * One sweep: the seconds that it took there, and what it counted over the first strategies and
   * over all.
   */
  run(): Promise<{ readonly seconds: number; readonly few: Found; readonly all: Found }>;
}

/**
 * A process of Python with NumPy that has the strategies and values; undefined, with a word about
 * it, where there is none to be had.
 */
export async function numpySweep(
  rules: readonly Rule[],
  values: readonly Float64Array[],
  few: number,
): Promise<NumpySweep | undefined> {
  const python = await provideNumpy().catch((error: unknown) => {
    process.stderr.write(`numpy is left out: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  });
  if (python === undefined) {
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), "bench-numpy-"));
  const path = join(folder, "given.json");
  await writeFile(path, JSON.stringify(given(rules, values, few)));
  const child = spawn(python.python, [PROGRAM, path]);
  child.stderr.pipe(process.stderr);
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return {
    async run() {
      child.stdin.write("sweep\n");
      const { value, done } = await lines.next();
      if (done === true) {
        throw new Error("NumPy's process ended without an answer");
      }
      return JSON.parse(value);
    },
    async [Symbol.asyncDispose]() {
      await ended(child);
      await rm(folder, { recursive: true });
    },
  };
}

async function ended(child: ChildProcessWithoutNullStreams): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const exit = once(child, "exit");
    child.stdin.end();
    await exit;
  }
}

/** As the program reads it: rules by condition, values by feature. */
function given(rules: readonly Rule[], values: readonly Float64Array[], few: number) {
  const features = values[0]?.length ?? 0;
  return {
    few,
    rules: rules.map(({ logic, conditions }) => [
      logic,
      conditions.map(({ feature, operator, threshold }) => [feature, operator, threshold]),
    ]),
    values: Array.from({ length: features }, (_, feature) =>
      values.map((ofSymbol) => (Number.isNaN(ofSymbol[feature]) ? null : ofSymbol[feature])),
    ),
  };
}
