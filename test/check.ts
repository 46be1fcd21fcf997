import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { breakingChanges, staleGeneratedCode } from "./contract-checks.ts";
import { show } from "./provide/command.ts";
import { runTests } from "./run.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A program of this project's node_modules, to be run in its root. */
function tool(name: string, ...args: readonly string[]): () => Promise<void> {
  return () => show(join(ROOT, "node_modules", ".bin", name), args, { cwd: ROOT });
}

let testLine = "0 passed, 1 failed";

/**
 * What must hold before a change is merged. Each resolves, perhaps with a remark in words, or fails
 * with what to mend.
 */
const STEPS: Readonly<Record<string, () => Promise<unknown>>> = {
  tests: async () => {
    const { passed, line } = await runTests({ filters: [], without: [] });
    testLine = line;
    if (!passed) {
      throw new Error("tests failed");
    }
  },
  "lint and format": tool(
    "biome",
    "ci",
    "--error-on-warnings",
    `--colors=${process.stdout.isTTY ? "force" : "off"}`,
    ".",
  ),
  types: tool("tsc", "--noEmit"),
  "contract lint": tool("buf", "lint"),
  "contract format": tool("buf", "format", "--diff", "--exit-code"),
  "contract stays compatible": () => breakingChanges(ROOT),
  "generated code is current": () => staleGeneratedCode(ROOT),
};

const lines: string[] = [];
for (const [name, step] of Object.entries(STEPS)) {
  console.log(`\n── ${name}`);
  const start = performance.now();
  let result = "ok";
  try {
    const remark = await step();
    if (typeof remark === "string") {
      console.log(remark);
    }
  } catch (error) {
    result = "FAILED";
    process.exitCode = 1;
    console.error(error instanceof Error ? error.message : String(error));
  }
  const line = `${name.padEnd(26)} ${result.padEnd(6)} ${((performance.now() - start) / 1_000).toFixed(1).padStart(7)} s`;
  console.log(line);
  lines.push(line);
}
console.log(`\n${lines.join("\n")}\n\n${testLine}`);
