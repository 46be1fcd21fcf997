import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { RunningProcess } from "./running-process.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * The service as users start it: `node src/main.ts`, a process of its own, with a folder for its
 * data.
 */
export interface RunningServer {
  /** "127.0.0.1:41234"; the same after a restart. */
  readonly address: string;
  readonly pid: number;
  /** All that the running process has said: its log, then the banner. */
  readonly output: string;
  /** Resolves with the first match in what it says from character `from` on. */
  says(pattern: RegExp, from?: number): Promise<RegExpExecArray>;
  /**
   * Sends a signal (SIGKILL, unless said otherwise) and resolves with the exit code, or the signal,
   * once the process is gone.
   */
  kill(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
  /** Sends a signal and does not wait for what it does. */
  signal(signal: NodeJS.Signals): void;
  /** Resolves with the exit code once the process is gone by itself. */
  exit(): Promise<number | NodeJS.Signals | null>;
  /**
   * Starts it again, on the same data and the same port; a running one is killed first. Resolves
   * when it serves.
   */
  restart(): Promise<void>;
  /** Kills it and removes its data. Idempotent; done by itself when the test ends. */
  close(): Promise<void>;
}

/**
 * Starts the service on a free port and resolves when it serves. `env` comes on top of DATA_DIR (a
 * fresh folder), the simulated market and JSON logs; variables of this shell that are settings of
 * the service do not reach it. Asked for outside of a test, `close` is the caller's to call.
 */
export async function startServer(env: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  const folder = mkdtempSync(join(tmpdir(), "test-server-"));
  let child = launch(folder, "127.0.0.1:0", env);
  const close = async () => {
    await child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const address = await serving(child);
    const server: RunningServer = {
      address,
      get pid() {
        return child.pid;
      },
      get output() {
        return child.output;
      },
      says: (pattern, from) => child.says(pattern, from),
      kill: (signal) => child.kill(signal),
      signal: (signal) => child.signal(signal),
      exit: () => child.exit(),
      async restart() {
        await child.kill();
        child = launch(folder, address, env);
        await serving(child);
      },
      close,
    };
    cleanUp(close);
    return server;
  } catch (error) {
    await close();
    throw error;
  }
}

function launch(folder: string, address: string, env: Readonly<Record<string, string>>): RunningProcess {
  const own = {
    LOG_FORMAT: "json",
    WEB_ADDRESS: "off",
    MARKET_DATA: "simulated",
    DATA_DIR: join(folder, "data"),
    ...env,
  };
  const inherited = Object.fromEntries(["PATH", "HOME", "TMPDIR"].map((name) => [name, process.env[name]]));
  const cleared = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  return new RunningProcess(process.execPath, ["src/main.ts"], {
    cwd: ROOT,
    env: { ...cleared, ...inherited, ...own, GRPC_ADDRESS: address },
  });
}

async function serving(child: RunningProcess): Promise<string> {
  const [, address] = await child.says(/"address":"([^"]+:\d+)"/);
  // The banner is the last thing that is said at start.
  await child.says(/Try next:/);
  return address as string;
}

/** Outside of a running test (in a hook), there is nothing to tie it to. */
function cleanUp(close: () => Promise<void>): void {
  try {
    onTestFinished(close);
  } catch {
    // The caller closes it.
  }
}
