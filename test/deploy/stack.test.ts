import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { checkHealth } from "../../deploy/healthcheck.ts";
import { ROLES } from "../../src/rpc/auth/principal.ts";
import { findCommand, run } from "../provide/command.ts";
import { providePostgres, startPostgres } from "../provide/postgres.ts";
import { provideRedis } from "../provide/redis.ts";
import { freePort, type PrivateServer, startServer as startProgram } from "../provide/server.ts";
import { startServer } from "../running-server.ts";
import { ROOT, readYaml } from "./deploy-tools.ts";
import { busyMetrics } from "./live-metrics.ts";

const NAMES = [
  "auth_tokens",
  "database_url",
  "engine_password",
  "generator_password",
  "grafana_password",
  "postgres_password",
  "reader_password",
  "redis_acl",
];

/** Secrets as an operator makes them, in a folder of their own. */
async function makeSecrets(): Promise<{ readonly folder: string; read(name: string): string }> {
  const folder = join(mkdtempSync(join(tmpdir(), "test-secrets-")), "secrets");
  onTestFinished(() => rmSync(join(folder, ".."), { recursive: true, force: true }));
  await run("sh", [join(ROOT, "deploy/make-secrets.sh"), folder]);
  return { folder, read: (name) => readFileSync(join(folder, name), "utf8").trim() };
}

/** A Redis as compose.yaml starts it, with its command and the users of the secret. */
async function startComposedRedis(acl: string): Promise<{ server: PrivateServer; port: number }> {
  const { services } = await readYaml<{ services: { redis: { command: readonly string[] } } }>("compose.yaml");
  const { redis } = await provideRedis();
  const folder = mkdtempSync(join(tmpdir(), "test-redis-"));
  const port = await freePort();
  const [, ...given] = services.redis.command.map((word) => (word === "/run/secrets/redis_acl" ? acl : word));
  const server = await startProgram({
    command: redis,
    args: [...given, "--port", String(port), "--bind", "127.0.0.1", "--dir", folder],
    ready: /ready to accept connections/i,
    url: `redis://127.0.0.1:${port}`,
    folder,
    signal: "SIGTERM",
  });
  onTestFinished(() => server.close());
  return { server, port };
}

/** A PostgreSQL on which the image's first start has run our script; answers with the port. */
async function startComposedPostgres(secrets: string): Promise<{ port: number; psql: string }> {
  const server = await startPostgres();
  onTestFinished(() => server.close());
  const { hostname, port, username } = new URL(server.url);
  const { bin } = await providePostgres();
  const psql = findCommand("psql", [bin]) ?? "psql";
  const env = {
    PATH: `${join(psql, "..")}:${process.env.PATH}`,
    PGHOST: hostname,
    PGPORT: port,
    POSTGRES_USER: username,
    ENGINE_PASSWORD_FILE: join(secrets, "engine_password"),
    GENERATOR_PASSWORD_FILE: join(secrets, "generator_password"),
    READER_PASSWORD_FILE: join(secrets, "reader_password"),
  };
  await run("sh", [join(ROOT, "deploy/postgres/10-engine.sh")], { env });
  const rights = "select rolsuper, rolcreatedb, rolcreaterole from pg_roles where rolname = 'engine'";
  const asked = await run(psql, ["--no-psqlrc", "-tA", "-c", rights, server.url]);
  expect(asked.trim()).toBe("f|f|f");
  return { port: Number(port), psql };
}

describe("the secrets", () => {
  let redisCli = "";
  beforeAll(async () => {
    const { redis } = await provideRedis();
    redisCli = findCommand("redis-cli", [join(redis, "..")]) ?? "redis-cli";
  });

  it("are made once, and only their owner may enter their folder", async () => {
    const { folder, read } = await makeSecrets();
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const before = NAMES.map(read);
    expect(new Set(before).size).toBe(NAMES.length);
    await run("sh", [join(ROOT, "deploy/make-secrets.sh"), folder]);
    expect(NAMES.map(read)).toEqual(before);
    const { secrets } = await readYaml<{ secrets: Readonly<Record<string, unknown>> }>("compose.yaml");
    expect(Object.keys(secrets).filter((name) => !existsSync(join(folder, name)))).toEqual([]);
  });

  it.each([
    ["engine_password", "database_url"],
    ["database_url", "engine_password"],
    ["redis_acl", "redis_url"],
    ["redis_url", "redis_acl"],
  ])("without %s beside %s are refused, with what to do", async (missing, left) => {
    const { folder, read } = await makeSecrets();
    const before = read(left);
    rmSync(join(folder, missing));
    await expect(run("sh", [join(ROOT, "deploy/make-secrets.sh"), folder])).rejects.toThrow(
      new RegExp(`has ${left}, but not its other half .* bring back the other file, or remove ${folder}/${left}`),
    );
    expect([existsSync(join(folder, missing)), read(left)]).toEqual([false, before]);
  });

  it("let the health check ping Redis, and nobody without a password do more", async () => {
    const { folder } = await makeSecrets();
    const { port } = await startComposedRedis(join(folder, "redis_acl"));
    const { services } = await readYaml<{ services: { redis: { healthcheck: { test: readonly string[] } } } }>(
      "compose.yaml",
    );
    const check = services.redis.healthcheck.test[1]?.replace("redis-cli", `${redisCli} -p ${port}`) ?? "";
    await run("sh", ["-c", check]);
    expect(await run(redisCli, ["-p", String(port), "get", "global:halted"])).toMatch(/NOAUTH|NOPERM/);
    const asHealth = ["-p", String(port), "--user", "health", "--pass", "x", "--no-auth-warning"];
    expect(await run(redisCli, [...asHealth, "get", "global:halted"])).toMatch(/NOPERM/);
  });

  it("let the service work with its stores as compose.yaml has them, and its callers in by their roles", async () => {
    const { folder, read } = await makeSecrets();
    const [{ port: redisPort }, { port: postgresPort, psql }] = await Promise.all([
      startComposedRedis(join(folder, "redis_acl")),
      startComposedPostgres(folder),
    ]);
    const near = (name: string, host: string, port: number) => {
      const path = join(folder, "..", name);
      writeFileSync(path, read(name).replace(host, `127.0.0.1:${port}`));
      return path;
    };
    const web = `127.0.0.1:${await freePort()}`;
    const probes = `127.0.0.1:${await freePort()}`;
    const server = await startServer({
      WEB_ADDRESS: web,
      PROBE_ADDRESS: probes,
      READABLE_SECRETS: "1",
      AUTH_TOKENS: join(folder, "auth_tokens"),
      DATABASE_URL_FILE: near("database_url", "postgres:5432", postgresPort),
      REDIS_URL_FILE: near("redis_url", "redis:6379", redisPort),
    });
    expect(await checkHealth({ GRPC_ADDRESS: server.address })).toBe("SERVING");
    expect((await fetch(`http://${web}/readyz`)).status).toBe(200);

    const tokens = read("auth_tokens")
      .split("\n")
      .map((line) => line.split(" "));
    expect(tokens.map(([, , role]) => role)).toEqual([...ROLES]);
    const halt = (role: string) =>
      fetch(`http://${web}/strategyruntime.v1.PolicyService/SetTradingHalt`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${tokens.find((token) => token[2] === role)?.[0]}`,
        },
        body: JSON.stringify({ halted: true, reason: "test" }),
      });
    expect([(await halt("viewer")).status, (await halt("controller")).status]).toEqual([403, 200]);

    // What the dashboard and the alerts were tested with is what the real service shows.
    const typesOf = (text: string) => [...text.matchAll(/^# TYPE .*$/gm)].map(String).sort();
    const { metrics, stop } = busyMetrics();
    stop();
    const page = await (await fetch(`http://${probes}/metrics`)).text();
    expect(typesOf(page)).toEqual(typesOf(await metrics.text()));
    expect(page).toMatch(/^strategy_runtime_halted 1$/m);
    expect(page).toMatch(/^strategy_runtime_ready 1$/m);

    // As docs/postgresql.md says: rights for those who write strategies, and for those who read.
    const as = (user: string, ...args: readonly string[]) =>
      run(psql, ["--no-psqlrc", "-tA", ...args, `postgres://${user}@127.0.0.1:${postgresPort}/trading`]);
    await as("engine", "--set", "ON_ERROR_STOP=1", "--file", join(ROOT, "src/adapters/postgres/roles.sql"));
    const count = (table: string) => ["-c", `SELECT count(*) FROM ${table}`];
    expect((await as("reader", ...count("sg_decisions"))).trim()).toBe("0");
    expect((await as("generator", ...count("sg_strategies"))).trim()).toBe("0");
    await expect(as("generator", ...count("sg_decisions"))).rejects.toThrow(/permission denied/);
    await expect(as("reader", "-c", "DELETE FROM sg_strategies")).rejects.toThrow(/permission denied/);
    expect(await server.kill("SIGTERM")).toBe(0);
  });
});
