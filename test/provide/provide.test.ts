import { existsSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cached } from "./cache.ts";
import { findCommand, run } from "./command.ts";
import { provideGo } from "./go.ts";
import { provideGrpcurl } from "./grpcurl.ts";
import { providePostgres, startPostgres } from "./postgres.ts";
import { providePython } from "./python.ts";
import { startRedis } from "./redis.ts";

/** One line of the server's protocol for one of ours. */
function ask(url: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(`${line}\r\n`));
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      resolve(chunk.toString().trim());
      socket.destroy();
    });
  });
}

async function sql(url: string, text: string): Promise<string> {
  const psql = findCommand("psql", [(await providePostgres()).bin]) ?? "psql";
  return (await run(psql, ["--no-psqlrc", "--tuples-only", "--no-align", "--command", text, url])).trim();
}

describe("what provides the tools of the tests", () => {
  it("has Python with gRPC", async () => {
    const { python } = await providePython();
    const text = "import grpc, grpc_tools.protoc; print(grpc.__version__)";
    expect((await run(python, ["-c", text])).trim()).toBe("1.85.1");
  });

  it("has Go and grpcurl", async () => {
    expect(await run((await provideGo()).go, ["version"])).toContain("go1.");
    await run((await provideGrpcurl()).grpcurl, ["-help"]);
  });

  it("has a PostgreSQL whose data survives a restart and a crash, and which leaves nothing behind", async () => {
    const server = await startPostgres();
    try {
      await sql(server.url, "create table kept (n int); insert into kept values (41)");
      await server.stop();
      await expect(sql(server.url, "select 1")).rejects.toThrow(/refused/);
      await server.start();
      await sql(server.url, "update kept set n = 42");
      await server.stop("SIGKILL");
      await server.start();
      expect(await sql(server.url, "select n from kept")).toBe("42");
    } finally {
      await server.close();
      await server.close();
    }
    await expect(sql(server.url, "select 1")).rejects.toThrow(/refused/);
  });

  it("has a Redis whose data survives a restart", async () => {
    const server = await startRedis();
    try {
      expect(await ask(server.url, "SET kept 42")).toBe("+OK");
      await server.stop();
      await expect(ask(server.url, "PING")).rejects.toThrow(/ECONNREFUSED/);
      await server.start();
      expect(await ask(server.url, "GET kept")).toContain("42");
    } finally {
      await server.close();
    }
  });
});

describe("run", () => {
  it("fails with the command and what it said", async () => {
    await expect(run(process.execPath, ["-e", "console.error('no such bar'); process.exit(3)"])).rejects.toThrow(
      /ended with 3\nno such bar/,
    );
    await expect(run("no-such-command", [])).rejects.toThrow(/cannot run no-such-command/);
  });
});

describe("cached", () => {
  it("builds once, however many ask at once, and again where what it built is gone or a build failed", async () => {
    const name = `test-of-the-cache-${process.pid}`;
    let builds = 0;
    const build = async (folder: string) => {
      builds++;
      writeFileSync(join(folder, "content"), "");
    };
    const intact = (folder: string) => existsSync(join(folder, "content"));
    await expect(cached(name, () => Promise.reject(new Error("no network")))).rejects.toThrow("no network");
    const folders = await Promise.all([cached(name, build, intact), cached(name, build, intact)]);
    expect([builds, folders[0] === folders[1]]).toEqual([1, true]);
    await cached(name, build, intact);
    expect(builds).toBe(1);
    await cached(name, build, () => builds > 1);
    expect(builds).toBe(2);
    await run("rm", ["-r", folders[0]]);
  });
});
