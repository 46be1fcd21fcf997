import { spawn } from "node:child_process";
import { once } from "node:events";

const LIMIT_MS = 280_000;

export interface TypedCommand {
  /** Resolves once its output matches; fails where it ends before, or takes too long. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /**
   * Ctrl-C: reaches the command and all that it started. Resolves with all output once everything
   * is gone.
   */
  interrupt(): Promise<string>;
  /** Resolves with the exit code and all output. */
  ended(): Promise<{ readonly code: number | null; readonly output: string }>;
}

/**
 * Runs a line of shell as if typed on a terminal of its own: a process group, which a signal
 * reaches as a whole.
 */
export function type(
  line: string,
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string | undefined>> },
): TypedCommand {
  const child = spawn("bash", ["-c", line], { ...options, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let output = "";
  let look = () => {};
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      look();
    });
  }
  const signal = (name: NodeJS.Signals) => {
    try {
      process.kill(-(child.pid ?? Number.NaN), name);
    } catch {
      // Nobody is left.
    }
  };
  const kill = () => signal("SIGKILL");
  process.once("exit", kill);
  const timer = setTimeout(kill, LIMIT_MS);
  const gone = once(child, "close").then(([code]) => {
    clearTimeout(timer);
    process.off("exit", kill);
    return { code: code as number | null, output };
  });
  return {
    says: (pattern) =>
      new Promise((resolve, reject) => {
        look = () => {
          const found = pattern.exec(output);
          if (found !== null) {
            resolve(found);
          }
        };
        look();
        void gone.then(({ code }) => reject(new Error(`${line}\nended with ${code} without ${pattern}:\n${output}`)));
      }),
    async interrupt() {
      signal("SIGINT");
      return (await gone).output;
    },
    ended: () => gone,
  };
}
