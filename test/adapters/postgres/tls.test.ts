import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { openPostgres } from "../../../src/adapters/postgres/pool.ts";
import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import { run } from "../../provide/command.ts";
import { startPostgres } from "../../provide/postgres.ts";
import type { PrivateServer } from "../../provide/server.ts";
import { provide } from "../../provide/tool.ts";
import { OPENSSL } from "../../provide/tools.ts";

const IN_USE = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

let server: PrivateServer;
let folder: string;
let plain: Queryable;
const clients: Queryable[] = [];

beforeAll(async () => {
  server = await startPostgres();
  folder = mkdtempSync(join(tmpdir(), "test-tls-"));
  const openssl = await provide(OPENSSL);
  const [key, cert] = [join(folder, "server.key"), join(folder, "server.crt")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-days", "2", "-nodes"];
  await run(openssl, ["req", "-x509", ...kind, ...subject, "-keyout", key, "-out", cert]);
  plain = openPostgres(server.url);
  // Written by the server itself, into its data folder, as its own user.
  for (const [name, path] of [["server.key", key] as const, ["server.crt", cert] as const]) {
    const program = `umask 077; base64 -d > ${name}`;
    const text = readFileSync(path).toString("base64");
    await plain.query(`COPY (SELECT '${text}') TO PROGRAM '${program}'`);
  }
  await plain.query("ALTER SYSTEM SET ssl = on");
  await plain.query("SELECT pg_reload_conf()");
});

afterAll(async () => {
  await Promise.all([...clients, plain].map((client) => client?.close()));
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

function connect(query: string): Queryable {
  const db = openPostgres(`${server.url}?${query}`);
  clients.push(db);
  return db;
}

describe("TLS to PostgreSQL", () => {
  it("is on by the URL, with the certificate verified", async () => {
    const db = connect(`sslmode=verify-full&sslrootcert=${encodeURIComponent(join(folder, "server.crt"))}`);
    await vi.waitFor(async () => expect((await db.query(IN_USE)).rows).toEqual([{ ssl: true }]));
    const heard: string[] = [];
    await db.listen?.("test_tls", (what) => heard.push(what));
    await db.query("NOTIFY test_tls");
    await vi.waitFor(() => expect(heard).toEqual(["notify"]));
  });

  it("refuses a certificate that nobody vouches for", async () => {
    await expect(connect("sslmode=verify-full").query("SELECT 1")).rejects.toThrow(/self-signed certificate/);
  });

  it("encrypts without a look at the certificate with no-verify, and not at all without a word", async () => {
    expect((await connect("sslmode=no-verify").query(IN_USE)).rows).toEqual([{ ssl: true }]);
    expect((await plain.query(IN_USE)).rows).toEqual([{ ssl: false }]);
  });
});
