import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findCommand, run } from "../provide/command.ts";
import { providePostgres } from "../provide/postgres.ts";
import { provideRedis } from "../provide/redis.ts";
import { freePort } from "../provide/server.ts";
import { RunningProcess } from "../running-process.ts";
import { readYaml } from "./deploy-tools.ts";

interface Service {
  readonly user: string;
  readonly tmpfs: readonly string[];
  readonly command?: readonly string[];
}

/** Where the volume is mounted, and the file of secrets. */
const VOLUME = "/mnt/volume";
const SECRET = "/mnt/secret";

/** Mounts need rights that a user, or a container without them, does not have. */
const MAY_MOUNT =
  process.getuid?.() === 0 && spawnSync("unshare", ["--mount", "mount", "--make-rprivate", "/"]).status === 0;

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/**
 * Runs a program as compose.yaml runs the service, but for the image: its root read-only, its
 * tmpfs, its user without any right, and a folder as its volume.
 */
function confine(service: Service, command: readonly string[], volume: string, secret = "/dev/null"): RunningProcess {
  const tmpfs = service.tmpfs.map((text) => text.split(":") as [string, string]);
  const [uid, gid] = service.user.split(":");
  const rights = ["--clear-groups", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"];
  const lines = [
    "mount --make-rprivate /",
    "mount -t tmpfs tmpfs /mnt",
    `mkdir ${VOLUME} && touch ${SECRET}`,
    `mount --bind ${quoted(volume)} ${VOLUME}`,
    `mount --bind ${quoted(secret)} ${SECRET}`,
    // In a container the image has this folder, and a name for the user.
    "mount -t tmpfs tmpfs /run && mkdir /run/postgresql",
    `{ cat /etc/passwd; echo service:x:${uid}:${gid}::/:/bin/sh; } >/mnt/passwd`,
    "mount --bind /mnt/passwd /etc/passwd",
    "mount -o remount,bind,ro / && mount -o remount,ro /mnt && mount -o remount,ro /run",
    ...tmpfs.map(([path, options]) => `mount -t tmpfs -o ${quoted(options)} tmpfs ${quoted(path)}`),
    `cd ${VOLUME}`,
    `exec setpriv --reuid=${uid} --regid=${gid} ${rights.join(" ")} ${command.map(quoted).join(" ")}`,
  ];
  const child = new RunningProcess("unshare", ["--mount", "sh", "-ec", lines.join("\n")]);
  onTestFinished(async () => {
    await child.kill();
  });
  return child;
}

function folderFor({ user }: Service): string {
  const folder = mkdtempSync(join(tmpdir(), "test-confined-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const volume = join(folder, "volume");
  mkdirSync(volume, { mode: 0o700 });
  const [uid = 0, gid = 0] = user.split(":").map(Number);
  chownSync(folder, uid, gid);
  chownSync(volume, uid, gid);
  return volume;
}

async function services(): Promise<Readonly<Record<string, Service>>> {
  return (await readYaml<{ services: Readonly<Record<string, Service>> }>("compose.yaml")).services;
}

describe.skipIf(!MAY_MOUNT)("on a read-only root, as its user and without rights", () => {
  it("PostgreSQL makes its data, serves, and answers by its socket", async () => {
    const { postgres } = (await services()) as { postgres: Service };
    const { bin } = await providePostgres();
    const volume = folderFor(postgres);
    const layout = ["--username=postgres", "--auth=trust", "--no-sync"];
    const init = confine(postgres, [join(bin, "initdb"), `--pgdata=${VOLUME}/data`, ...layout], volume);
    expect([await init.exit(), init.output]).toEqual([0, expect.stringContaining("Success")]);
    const port = await freePort();
    const own = ["-c", "unix_socket_directories=/var/run/postgresql", "-c", "listen_addresses=127.0.0.1"];
    const command = [join(bin, "postgres"), "-D", `${VOLUME}/data`, "-p", String(port), ...own];
    const server = confine(postgres, command, volume);
    await server.says(/ready to accept connections/);
    const psql = findCommand("psql", [bin]) ?? "psql";
    const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
    expect(await run(psql, ["-tAc", "CREATE TABLE t AS SELECT 1; SHOW unix_socket_directories", url])).toContain(
      "/var/run/postgresql",
    );
    // Without its tmpfs it could not make the socket.
    const bare = { ...postgres, tmpfs: postgres.tmpfs.filter((text) => !text.startsWith("/var/run")) };
    const without = confine(bare, [...command.slice(0, -1), "listen_addresses="], volume);
    expect([await without.exit(), without.output]).toEqual([1, expect.stringMatching(/lock file/)]);
  });

  it("Redis serves, and keeps what it is told", async () => {
    const { redis } = (await services()) as { redis: Service };
    const { redis: program } = await provideRedis();
    const volume = folderFor(redis);
    const secret = join(volume, "..", "acl");
    writeFileSync(secret, "user default on nopass ~* &* +@all\n", { mode: 0o444 });
    const port = String(await freePort());
    const [, ...given] = (redis.command ?? []).map((word) => (word === "/run/secrets/redis_acl" ? SECRET : word));
    const command = [program, ...given, "--port", port, "--bind", "127.0.0.1", "--dir", VOLUME];
    const server = confine(redis, command, volume, secret);
    await server.says(/ready to accept connections/i);
    const cli = findCommand("redis-cli", [join(program, "..")]) ?? "redis-cli";
    const ask = (...words: readonly string[]) => run(cli, ["-p", port, ...words]);
    expect(await ask("set", "global:halted", "true")).toBe("OK\n");
    expect(await ask("bgrewriteaof")).toContain("started");
    await server.says(/rewrite terminated with success/i);
    expect(await ask("config", "get", "maxmemory")).toContain("134217728");
  });
});
