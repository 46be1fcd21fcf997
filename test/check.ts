import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { breakingChanges, staleGeneratedCode } from "./contract-checks.ts";
import { run } from "./provide/command.ts";
import { runTests } from "./run.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A program of this project's node_modules; resolves where it is content. */
function tool(name: string, ...args: readonly string[]): () => Promise<string> {
  const bin = join(ROOT, "node_modules", ".bin");
  return () => run(join(bin, name), args, { cwd: ROOT, env: { PATH: `${bin}:${process.env.PATH ?? ""}` } });
}

let testLine = "0 passed, 1 failed";

/** What must hold before a change is merged. Each resolves, perhaps with a remark, or fails with what to mend. */
const STEPS: Readonly<Record<string, () => Promise<string>>> = {
  tests: async () => {
    const { passed, line } = await runTests([]);
    testLine = line;
    if (!passed) {
      throw new Error(line);
    }
    return line;
  },
  "lint and format": tool("biome", "ci", "."),
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
    const said = (await step()).trim();
    if (said !== "" && name !== "tests") {
      console.log(said);
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
