import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { contest, type Sample } from "./harness/contest.ts";
import type { Line, Row, Size } from "./harness/row.ts";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const TARGET_MS = 3_000;
const LIMIT_MS = 60_000;

/** From the process's birth until it says that it serves. */
export const START: Row = {
  name: "start",
  about: "from starting the process until it serves, with the embedded database",
  async run(size) {
    const fresh = await linesOf("into an empty folder", size, () => inFolder(serving));
    if (size === "tiny") {
      return fresh;
    }
    return inFolder(async (folder) => {
      await serving(folder);
      return [...fresh, ...(await linesOf("on a kept folder", size, () => serving(folder)))];
    });
  },
};

function linesOf(what: string, size: Size, run: () => Promise<Sample>): Promise<readonly Line[]> {
  const target = { text: `<= ${TARGET_MS}`, kept: (ours: number) => ours <= TARGET_MS };
  const measures = [{ key: "ms", what, unit: "ms", better: "less", target }] as const;
  return contest({ row: START.name, measures, ours: { name: "start", run }, rivals: [] }, size);
}

async function inFolder<T>(run: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "bench-start-"));
  try {
    return await run(join(folder, "data"));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function serving(folder: string): Promise<Sample> {
  const begin = performance.now();
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      GRPC_ADDRESS: "127.0.0.1:0",
      WEB_ADDRESS: "off",
      DATA_DIR: folder,
      LOG_FORMAT: "json",
      LOG_LEVEL: "info",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const exit = once(child, "close");
  let said = "";
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const timer = setTimeout(() => reject(new Error(`it does not serve after ${LIMIT_MS} ms:\n${said}`)), LIMIT_MS);
  child.once("close", (code) => reject(new Error(`it ended with ${code} before it served:\n${said}`)));
  for (const output of [child.stdout, child.stderr]) {
    output.on("data", (text: Buffer) => {
      said += text.toString();
      if (said.includes("serving on")) {
        resolve(performance.now() - begin);
      }
    });
  }
  try {
    return { values: { ms: await promise }, counts: { served: 1 } };
  } finally {
    clearTimeout(timer);
    child.kill("SIGTERM");
    await exit;
  }
}
