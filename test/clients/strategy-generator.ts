import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../provide/command.ts";
import { providePython } from "../provide/python.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a command of the Python example and answers what it printed; fails where it does, with what it said. */
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
