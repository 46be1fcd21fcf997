import { chownSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { run } from "./command.ts";
import { freePort, type PrivateServer, startServer } from "./server.ts";
import { provide } from "./tool.ts";
import { INITDB } from "./tools.ts";

/** The folder of `postgres` and `initdb`: POSTGRES_BIN, else from PATH, else installed. */
export async function providePostgres(): Promise<{ readonly bin: string }> {
  return { bin: dirname(await provide(INITDB)) };
}

/**
 * Starts a server with an empty cluster of its own on a free port. `durable`: it waits for the disk
 * at every commit, as one in production does. `settings`: more of the server's, as "name=value". A
 * crash of the machine is not among the tests: without, they run several times as fast.
 */
export async function startPostgres(durable = false, settings: readonly string[] = []): Promise<PrivateServer> {
  const { bin } = await providePostgres();
  const user = unprivilegedUser();
  const folder = mkdtempSync(join(tmpdir(), "test-postgres-"));
  if (user !== undefined) {
    chownSync(folder, user.uid, user.gid);
  }
  const data = join(folder, "data");
  const as = user !== undefined ? { user } : {};
  const layout = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  await run(join(bin, "initdb"), [`--pgdata=${data}`, ...layout], { ...as, cwd: folder });
  const port = await freePort();
  const own = ["listen_addresses=127.0.0.1", "unix_socket_directories=", `fsync=${durable ? "on" : "off"}`];
  const args = ["-D", data, "-p", String(port), ...[...own, ...settings].flatMap((text) => ["-c", text])];
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const ready = /ready to accept connections/;
  return startServer({ command: join(bin, "postgres"), args, ready, url, folder, signal: "SIGINT", ...as });
}

/** PostgreSQL refuses to run as root: then it runs as the system's postgres, or nobody. */
function unprivilegedUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) {
    return undefined;
  }
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const account = accounts.find(([name]) => name === "postgres") ?? accounts.find(([name]) => name === "nobody");
  if (account === undefined) {
    throw new Error("PostgreSQL refuses to run as root, and there is neither a user postgres nor nobody");
  }
  return { uid: Number(account[2]), gid: Number(account[3]) };
}
