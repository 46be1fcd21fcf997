import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { RunningProcess } from "../running-process.ts";

export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

/**
 * How long a test of an example may take: each starts a service, on machines that have other things
 * to do.
 */
export const EXAMPLE_LIMIT: { readonly timeout: number } = { timeout: 120_000 };

/**
 * Starts a program in the project's root; it is killed when the test ends. Its output is no
 * terminal.
 */
export function startCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): RunningProcess {
  const plain = { FORCE_COLOR: undefined, NO_COLOR: undefined };
  const running = new RunningProcess(command, args, { cwd: ROOT, env: { ...plain, ...env } });
  onTestFinished(async () => {
    await running.kill();
  });
  return running;
}

/** Starts an example as its readers do. */
export function startExample(path: string, ...args: readonly string[]): RunningProcess {
  return startCommand(process.execPath, [path, ...args]);
}

/** Runs an example to its end; fails unless it ends well. Answers all that it printed. */
export async function runExample(path: string, ...args: readonly string[]): Promise<string> {
  const running = startExample(path, ...args);
  const code = await running.exit();
  if (code !== 0) {
    throw new Error(`${path} ended with ${code}: ${running.output}`);
  }
  return running.output;
}
