import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../src/main.ts", import.meta.url));
const LIMIT_MS = 60_000;

/** The service as users start it, in a process of its own. */
export interface ServiceProcess {
  readonly pid: number;
  /** When it was started, by performance.now(). */
  readonly startedAt: number;
  /**
   * Resolves with the match once the process says so; fails where it ends before, or does not
   * within a minute.
   */
  says(pattern: RegExp): Promise<RegExpExecArray>;
  /** Ends it in order. */
  stop(): Promise<void>;
}

export function startService(folder: string, env: Readonly<Record<string, string>> = {}): ServiceProcess {
  const startedAt = performance.now();
  const own = { GRPC_ADDRESS: "127.0.0.1:0", WEB_ADDRESS: "off", DATA_DIR: folder, LOG_FORMAT: "json" };
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, ...own, LOG_LEVEL: "info", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "close");
  let said = "";
  const listeners = new Set<() => void>();
  const hear = () => {
    for (const listener of listeners) {
      listener();
    }
  };
  for (const output of [child.stdout, child.stderr]) {
    output.on("data", (text: Buffer) => {
      said += text.toString();
      hear();
    });
  }
  child.once("close", hear);

  return {
    pid: child.pid ?? 0,
    startedAt,
    says(pattern) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
      const fail = (why: string) => reject(new Error(`the service ${why}:\n${said.slice(-5_000)}`));
      const timer = setTimeout(() => fail(`does not say ${pattern} within ${LIMIT_MS} ms`), LIMIT_MS);
      const look = () => {
        const found = pattern.exec(said);
        if (found !== null) {
          resolve(found);
        } else if (child.exitCode !== null || child.signalCode !== null) {
          fail(`ended with ${child.exitCode ?? child.signalCode}`);
        }
      };
      listeners.add(look);
      look();
      return promise.finally(() => {
        clearTimeout(timer);
        listeners.delete(look);
      });
    },
    async stop() {
      child.kill("SIGTERM");
      await exit;
    },
  };
}

/** Runs with a folder that is gone afterwards. */
export async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "bench-service-"));
  try {
    return await run(join(folder, "data"));
  } finally {
    await rm(folder, { recursive: true });
  }
}
