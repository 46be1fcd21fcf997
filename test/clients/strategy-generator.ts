import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../provide/command.ts";
import { providePython } from "../provide/python.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Runs a command of the Python example and answers what it printed; fails where it does, with what
 * it said.
 */
export type StrategyGenerator = (address: string, ...args: readonly string[]) => Promise<string>;

/** The Python example, set up in a folder as its README says. */
export async function setUpGenerator(folder: string): Promise<StrategyGenerator> {
  const { python } = await providePython();
  for (const name of ["generate.py", "runtime.py", "strategy_generator.py"]) {
    cpSync(join(ROOT, "examples", "python", name), join(folder, name));
  }
  await run(python, ["generate.py", "--proto", join(ROOT, "proto")], { cwd: folder });
  return (address, ...args) =>
    run(python, ["strategy_generator.py", "--address", address, ...args], { cwd: folder, timeoutMs: 60_000 });
}

/**
 * The ids in what the command `decisions` printed, in the runtime's order. Those of the short time
 * as a SHADOW strategy are left out: nobody who executes is sent them.
 */
export function decidedIds(printed: string): string[] {
  const lines = printed.split("\n").filter((line) => !line.endsWith("(shadow)"));
  return lines.flatMap((line) => /^\S+ \S+ ([0-9a-f]{32}) /.exec(line)?.[1] ?? []);
}
