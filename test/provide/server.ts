import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";

/**
 * A server of the tests' own. It can be taken down and brought up again on the same address with
 * the same data.
 */
export interface PrivateServer {
  readonly url: string;
  start(): Promise<void>;
  /** Lets it end in order, or at once with SIGKILL. */
  stop(signal?: "SIGINT" | "SIGTERM" | "SIGKILL"): Promise<void>;
  /** Stops it and removes its data. Idempotent. */
  close(): Promise<void>;
}

export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** What it prints once it serves. */
  readonly ready: RegExp;
  readonly user?: { readonly uid: number; readonly gid: number };
}

const START_LIMIT_MS = 30_000;

/**
 * A server that keeps its data in `folder`, started. `signal` is the one that it ends in order on.
 */
export async function startServer(
  given: ServerCommand & { readonly url: string; readonly folder: string; readonly signal: "SIGINT" | "SIGTERM" },
): Promise<PrivateServer> {
  let child: ChildProcess | undefined;
  const server: PrivateServer = {
    url: given.url,
    async start() {
      child ??= await serve(given);
    },
    async stop(signal = given.signal) {
      const running = child;
      child = undefined;
      if (running !== undefined && running.exitCode === null && running.signalCode === null) {
        // `close` comes after `exit`, once the helper processes that share its output are gone too:
        // only then is the data free.
        const gone = once(running, "close");
        running.kill(signal);
        await gone;
      }
    },
    async close() {
      await server.stop();
      rmSync(given.folder, { recursive: true, force: true });
    },
  };
  try {
    await server.start();
  } catch (error) {
    await server.close();
    throw error;
  }
  return server;
}

/** Starts the server and resolves when it says that it serves. It never outlives this process. */
async function serve(given: ServerCommand): Promise<ChildProcess> {
  const child = spawn(given.command, given.args, { stdio: ["ignore", "pipe", "pipe"], ...given.user });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  let said = "";
  const serving = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      kill();
      reject(new Error(`${given.command} did not serve within ${START_LIMIT_MS} ms: ${said.slice(-2_000)}`));
    }, START_LIMIT_MS);
    const listen = (chunk: Buffer) => {
      said = (said + chunk).slice(-10_000);
      if (given.ready.test(said)) {
        clearTimeout(timer);
        resolve();
      }
    };
    // Kept on after it serves: a pipe that nobody reads would stop the server once it is full.
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    const fail = (why: string) => {
      clearTimeout(timer);
      reject(new Error(`${given.command} ended before it served (${why}): ${said.slice(-2_000)}`));
    };
    child.once("error", (error) => fail(error.message));
    child.once("exit", (code, signal) => fail(String(code ?? signal)));
  });
  await serving;
  return child;
}

/** A port of the loopback interface that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
