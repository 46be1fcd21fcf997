import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCommand } from "./command.ts";
import { freePort, type PrivateServer, startServer } from "./server.ts";
import { installSystemPackages } from "./system-package.ts";

/** The path of `redis-server`: REDIS_SERVER, else from PATH, else installed. */
export async function provideRedis(): Promise<{ readonly redis: string }> {
  const find = () => process.env.REDIS_SERVER ?? findCommand("redis-server");
  if (find() === undefined) {
    await installSystemPackages(["redis-server"], "redis-server");
  }
  const redis = find();
  if (redis === undefined) {
    throw new Error("tests need redis-server: it is neither on PATH nor named by REDIS_SERVER");
  }
  return { redis };
}

/** Starts an empty server on a free port; its data survives a stop in order, not a SIGKILL. */
export async function startRedis(): Promise<PrivateServer> {
  const { redis } = await provideRedis();
  const folder = mkdtempSync(join(tmpdir(), "test-redis-"));
  const port = await freePort();
  // With a save rule, a stop in order writes the data; this one never fires by itself within a test.
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "3600 1000000000"];
  const url = `redis://127.0.0.1:${port}`;
  return startServer({ command: redis, args, ready: /ready to accept connections/i, url, folder, signal: "SIGTERM" });
}
