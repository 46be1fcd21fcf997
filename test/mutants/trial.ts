import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What became of test files that were run in a copy of the repository. */
export interface Trial {
  /** `passed`: nothing failed. `ran away`: they were still running when their time was over. */
  readonly verdict: "passed" | "failed" | "ran away";
  /** The first test that failed, or what else went wrong. */
  readonly by: string;
  readonly seconds: number;
}

interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Runs test files in the folder, no longer than the limit. */
export async function tryTests(folder: string, tests: readonly string[], limitMs: number): Promise<Trial> {
  const vitest = join(createRequire(import.meta.url).resolve("vitest/package.json"), "..", "vitest.mjs");
  const results = join(folder, "results.json");
  rmSync(results, { force: true });
  const reporter = ["--reporter=json", `--outputFile.json=${results}`];
  const start = performance.now();
  const child = spawn(process.execPath, [vitest, "run", "--maxWorkers=1", ...reporter, ...tests], {
    cwd: folder,
    stdio: "ignore",
    // A group of its own, so that whatever the tests have started ends with them.
    detached: true,
  });
  let ranAway = false;
  const limit = setTimeout(() => {
    ranAway = true;
    endGroup(child);
  }, limitMs);
  const [code] = (await once(child, "close")) as [number | null];
  clearTimeout(limit);
  const seconds = (performance.now() - start) / 1_000;
  if (ranAway) {
    return { verdict: "ran away", by: `still running after ${Math.round(seconds)} s`, seconds };
  }
  return code === 0
    ? { verdict: "passed", by: "", seconds }
    : { verdict: "failed", by: firstFailure(results), seconds };
}

function endGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) {
    process.kill(-pid, "SIGKILL");
  }
}

/** "a stream › waits for its reader", or the file that could not be run. */
function firstFailure(path: string): string {
  let results: Results;
  try {
    results = JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return "the run ended without results";
  }
  const tests = results.testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.find(({ status }) => status === "failed");
  const file = results.testResults.find(({ status }) => status === "failed");
  return failed?.fullName ?? `${file?.name ?? "a file"} could not be run: ${file?.message?.split("\n")[0] ?? ""}`;
}
