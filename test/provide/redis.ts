import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, type PrivateServer, startServer } from "./server.ts";
import { provide } from "./tool.ts";
import { REDIS } from "./tools.ts";

/** The path of `redis-server`: REDIS_SERVER, else from PATH, else installed. */
export async function provideRedis(): Promise<{ readonly redis: string }> {
  return { redis: await provide(REDIS) };
}

/** Starts an empty server on a free port; its data survives a stop in order, not a SIGKILL. */
export async function startRedis(): Promise<PrivateServer> {
  const { redis } = await provideRedis();
  const folder = mkdtempSync(join(tmpdir(), "test-redis-"));
  const port = await freePort();
  // With a save rule, a stop in order writes the data; this one never fires by itself within a
  // test.
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "3600 1000000000"];
  const url = `redis://127.0.0.1:${port}`;
  return startServer({ command: redis, args, ready: /ready to accept connections/i, url, folder, signal: "SIGTERM" });
}
