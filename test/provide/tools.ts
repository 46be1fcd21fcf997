import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findCommand } from "./command.ts";
import type { Tool } from "./tool.ts";

/** Where Debian keeps PostgreSQL's programs, off PATH: one folder a version. */
const POSTGRESQL = "/usr/lib/postgresql";

function postgresFolders(): readonly string[] {
  const versions = existsSync(POSTGRESQL) ? readdirSync(POSTGRESQL).sort((a, b) => Number(b) - Number(a)) : [];
  return versions.map((version) => join(POSTGRESQL, version, "bin"));
}

export const PYTHON: Tool = {
  need: "Python 3",
  variable: "PYTHON",
  // Debian's Python leaves out venv.
  packages: ["python3", "python3-venv"],
  group: "clients",
  find: () => process.env.PYTHON ?? findCommand("python3"),
};

export const GO: Tool = {
  need: "Go",
  variable: "GO",
  packages: ["golang-go", "ca-certificates"],
  group: "clients",
  find: () => process.env.GO ?? findCommand("go", ["/usr/local/go/bin"]),
};

export const CURL: Tool = {
  need: "curl",
  variable: "CURL",
  packages: ["curl"],
  group: "clients",
  find: () => process.env.CURL ?? findCommand("curl"),
};

export const PROMTOOL: Tool = {
  need: "promtool",
  variable: "PROMTOOL",
  packages: ["prometheus"],
  group: "clients",
  find: () => process.env.PROMTOOL ?? findCommand("promtool"),
};

/** `initdb` stands for all programs of the server. */
export const INITDB: Tool = {
  need: "a PostgreSQL server",
  variable: "POSTGRES_BIN",
  packages: ["postgresql"],
  group: "servers",
  find() {
    const folder = process.env.POSTGRES_BIN;
    return folder !== undefined ? join(folder, "initdb") : findCommand("initdb", postgresFolders());
  },
};

export const REDIS: Tool = {
  need: "redis-server",
  variable: "REDIS_SERVER",
  packages: ["redis-server"],
  group: "servers",
  find: () => process.env.REDIS_SERVER ?? findCommand("redis-server"),
};

export const CHROMIUM: Tool = {
  need: "Chromium",
  variable: "CHROMIUM",
  packages: ["chromium"],
  group: "browser",
  find: () =>
    process.env.CHROMIUM ??
    ["chromium", "chromium-browser", "google-chrome"]
      .map((name) => findCommand(name))
      .find((path) => path !== undefined),
};

export const OPENSSL: Tool = {
  need: "openssl",
  variable: "OPENSSL",
  packages: ["openssl"],
  group: "servers",
  find: () => process.env.OPENSSL ?? findCommand("openssl"),
};

/** All that any test needs. */
export const TOOLS: readonly Tool[] = [PYTHON, GO, CURL, PROMTOOL, INITDB, REDIS, OPENSSL, CHROMIUM];
