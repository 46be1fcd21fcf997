import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const START_MS = 60_000;
const MOST_LINES = 20;

export interface Memory {
  /** What is in use of the heap once all garbage is collected, bytes. */
  readonly heap: number;
  /**
   * Beside the heap: buffers, and the memory of the embedded database with all that is stored,
   * bytes.
   */
  readonly buffers: number;
  /** Of the process, bytes, as the kernel counts it. */
  readonly resident: number;
}

/**
 * The service as users start it, whose log is read line by line and whose memory can be measured.
 */
export interface WatchedService extends AsyncDisposable {
  readonly grpcAddress: string;
  readonly webAddress: string;
  /**
   * Lines that a healthy service does not write: those with a stack, and those that are none of the
   * log's.
   */
  readonly suspects: readonly string[];
  /** How the process ended; undefined while it runs. */
  readonly end: string | undefined;
  memory(): Promise<Memory>;
  /** The words of /readyz where the service is not ready. */
  unready(): Promise<string | undefined>;
  /** Decisions made since the start; a journal in memory keeps them. */
  decisions(): Promise<number>;
}

/**
 * Nothing is kept on disk, so what is stored counts as memory. Few bars close: decisions are kept
 * as well.
 */
const ENV = {
  DATA_DIR: "memory",
  GRPC_ADDRESS: "127.0.0.1:0",
  WEB_ADDRESS: "127.0.0.1:0",
  MARKET_DATA: "simulated",
  SIMULATED_SPEED: "2",
  LOG_FORMAT: "json",
  LOG_LEVEL: "info",
};

export async function startWatched(): Promise<WatchedService> {
  const inherited = Object.fromEntries(["PATH", "HOME", "TMPDIR"].map((name) => [name, process.env[name]]));
  const child = spawn(process.execPath, ["--inspect=127.0.0.1:0", MAIN], {
    env: { ...inherited, ...ENV },
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C is for the run, which says what it has found.
    detached: true,
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  let end: string | undefined;
  const closed = once(child, "close").then(([code, signal]) => {
    end = `the process ended with ${code ?? signal}`;
  });
  const { suspects, addresses } = heard(child);
  const late = wait(START_MS, undefined, { ref: false });
  const found = await Promise.race([addresses, closed, late]);
  if (found === undefined) {
    child.kill("SIGKILL");
    throw new Error(`the service did not start: ${end ?? "it says no address"}: ${suspects.join("\n")}`);
  }
  const { grpcAddress, webAddress } = found;
  const inspector = await openInspector(found.inspector);
  const page = async (path: string) => {
    const answer = await fetch(`http://${webAddress}${path}`, { signal: AbortSignal.timeout(30_000) });
    return { isFine: answer.ok, text: await answer.text() };
  };
  return {
    grpcAddress,
    webAddress,
    suspects,
    get end() {
      return end;
    },
    async memory() {
      await inspector.ask("HeapProfiler.collectGarbage");
      const { usedSize = 0, backingStorageSize = 0 } = await inspector.ask("Runtime.getHeapUsage");
      return { heap: usedSize, buffers: backingStorageSize, resident: residentBytes(child.pid) };
    },
    async unready() {
      const { text } = await page("/readyz");
      const [, ...reasons] = text.trimEnd().split("\n");
      // A run halts trading now and then, and the last call may have.
      const faults = reasons.filter((reason) => !reason.startsWith("policy: trading is halted"));
      return text.startsWith("ready") || faults.length === 0 ? undefined : faults.join("; ");
    },
    async decisions() {
      const { text } = await page("/metrics");
      const counted = text.matchAll(/^strategy_runtime_signals_generated_total\{[^}]*\} (\S+)/gm);
      return [...counted].reduce((sum, [, count]) => sum + Number(count), 0);
    },
    async [Symbol.asyncDispose]() {
      inspector.close();
      process.off("exit", kill);
      kill();
      await closed;
    },
  };
}

interface Addresses {
  readonly inspector: string;
  readonly grpcAddress: string;
  readonly webAddress: string;
}

/**
 * Reads all that a process says: nothing is kept but its addresses and the lines that it should not
 * write.
 */
function heard({ stdout, stderr }: ChildProcessByStdio<null, Readable, Readable>) {
  const suspects: string[] = [];
  const found = { inspector: "", grpcAddress: "", webAddress: "" };
  const { promise: addresses, resolve } = Promise.withResolvers<Addresses>();
  const take = (line: string): void => {
    found.inspector ||= /Debugger listening on (ws:\S+)/.exec(line)?.[1] ?? "";
    found.grpcAddress ||= /"address":"([^"]+:\d+)"/.exec(line)?.[1] ?? "";
    found.webAddress ||= /"webAddress":"([^"]+:\d+)"/.exec(line)?.[1] ?? "";
    // The banner is the last thing that is said at start.
    if (/Try next:/.test(line)) {
      resolve(found);
    }
    if (isSuspect(line) && suspects.length < MOST_LINES) {
      suspects.push(line.slice(0, 2_000));
    }
  };
  for (const input of [stdout, stderr]) {
    createInterface({ input }).on("line", take);
  }
  return { suspects, addresses };
}

function residentBytes(pid: number | undefined): number {
  const [, kib = "0"] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1_024;
}

/** The log is JSON; stacks of errors are in it, and so are warnings of Node, which are not JSON. */
function isSuspect(line: string): boolean {
  return /\\n +at /.test(line) || /^ +at /.test(line) || /Warning:|FATAL|Uncaught/.test(line);
}

type Usage = { readonly usedSize?: number; readonly backingStorageSize?: number };

interface Inspector {
  ask(method: string): Promise<Usage>;
  close(): void;
}

async function openInspector(url: string): Promise<Inspector> {
  const socket = new WebSocket(url);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve, { once: true });
    socket.addEventListener("error", reject, { once: true });
  });
  const waiting = new Map<number, (result: Usage) => void>();
  socket.addEventListener("message", ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as { readonly id?: number; readonly result?: Usage };
    waiting.get(id ?? 0)?.(result ?? {});
  });
  let asked = 0;
  return {
    ask(method) {
      const id = ++asked;
      socket.send(JSON.stringify({ id, method }));
      return new Promise((resolve) => {
        waiting.set(id, (result) => {
          waiting.delete(id);
          resolve(result);
        });
      });
    },
    close: () => socket.close(),
  };
}
