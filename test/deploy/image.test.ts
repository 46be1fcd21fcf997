import { createHash } from "node:crypto";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { cached } from "../provide/cache.ts";
import { run } from "../provide/command.ts";
import { freePort } from "../provide/server.ts";
import { RunningProcess } from "../running-process.ts";
import { provideDeployTools, ROOT } from "./deploy-tools.ts";
import { type Recipe, reachesBuild, readDockerfile } from "./dockerfile.ts";

const recipe: Recipe = readDockerfile();
const [uid = 0, gid = 0] = recipe.user.split(":").map(Number);
const MAY_CHANGE_USER = process.getuid?.() === 0;

/**
 * What the first stage makes: node_modules, by the Dockerfile's own command. Kept, as Docker keeps
 * a layer.
 */
async function provideDependencies(): Promise<string> {
  const inputs = ["package.json", "package-lock.json"];
  const hash = createHash("sha256").update(recipe.install);
  for (const name of inputs) {
    hash.update(readFileSync(join(ROOT, name)));
  }
  return cached(`image-${hash.digest("hex").slice(0, 12)}`, async (folder) => {
    for (const name of inputs) {
      copyFileSync(join(ROOT, name), join(folder, name));
    }
    await run("sh", ["-c", recipe.install], { cwd: folder });
  });
}

/**
 * The file tree of the image: `app`, what belongs to the base (`bin/node`), and the folder for
 * data.
 */
async function buildTree(): Promise<string> {
  const root = mkdtempSync(join(tmpdir(), "test-image-"));
  const app = join(root, "app");
  chmodSync(root, 0o755);
  for (const folder of [app, join(root, "bin"), join(root, "data")]) {
    mkdirSync(folder);
  }
  cpSync(join(await provideDependencies(), "node_modules"), join(app, "node_modules"), { recursive: true });
  for (const { from, to } of recipe.copies) {
    for (const path of from) {
      const target = to.endsWith("/") ? join(app, to, path) : join(app, to);
      cpSync(join(ROOT, path), target, {
        recursive: true,
        filter: (source) => reachesBuild(source.slice(ROOT.length)),
      });
    }
  }
  copyFileSync(process.execPath, join(root, "bin", "node"));
  if (MAY_CHANGE_USER) {
    chownSync(join(root, "data"), uid, gid);
  }
  return root;
}

/**
 * Runs a command in the tree as the image's user, who owns nothing there but the data, with the
 * image's environment.
 */
function runInTree(root: string, command: readonly string[], env: Readonly<Record<string, string>>): RunningProcess {
  const asUser = ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups", "--no-new-privs", "--inh-caps=-all"];
  const words = [...(MAY_CHANGE_USER ? ["unshare", "--pid", "--fork", ...asUser] : []), ...command];
  const cleared = Object.fromEntries(Object.keys(process.env).map((name) => [name, undefined]));
  const PATH = [join(root, "bin"), process.env.PATH].join(delimiter);
  const own = { ...recipe.env, DATA_DIR: join(root, "data"), PATH, ...env };
  return new RunningProcess(words[0] as string, words.slice(1), {
    cwd: join(root, "app"),
    env: { ...cleared, ...own },
  });
}

/** The process that runs the service, under what changes the user. */
function serviceOf(child: RunningProcess): number {
  const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").trim();
  return MAY_CHANGE_USER ? Number(children) : child.pid;
}

describe("the image", () => {
  let root = "";
  beforeAll(async () => {
    root = await buildTree();
    return () => rmSync(root, { recursive: true, force: true });
  });

  it("serves as process 1 and as a user who is not root, is found healthy, and goes down on SIGTERM", async () => {
    expect(uid).toBeGreaterThan(0);
    const GRPC_ADDRESS = `127.0.0.1:${await freePort()}`;
    const env = { GRPC_ADDRESS, WEB_ADDRESS: "off", LOG_FORMAT: "json", MARKET_DATA: "simulated" };
    const child = runInTree(root, recipe.command, env);
    onTestFinished(async () => {
      await child.kill();
    });
    await child.says(/serving on/);
    const pid = serviceOf(child);
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    if (MAY_CHANGE_USER) {
      expect(/^Uid:\s+(.*)$/m.exec(status)?.[1]?.split(/\s+/)).toEqual(Array(4).fill(String(uid)));
      expect(/^NSpid:.*\s(\d+)$/m.exec(status)?.[1]).toBe("1");
      expect(/^CapEff:\s+(\S+)$/m.exec(status)?.[1]).toMatch(/^0+$/);
    }
    expect(readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0")).toEqual(["node", "src/main.ts", ""]);

    const check = runInTree(root, recipe.healthcheck, env);
    expect([await check.exit(), check.output]).toEqual([0, "SERVING\n"]);
    process.kill(pid, "SIGTERM");
    expect(await child.exit()).toBe(0);
    expect(child.output).toContain("SIGTERM: going down");
    const after = runInTree(root, recipe.healthcheck, env);
    expect(await after.exit()).toBe(1);
  });

  it("has no dependency for development, and nothing that the service does not need", () => {
    const { dependencies, devDependencies } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
    const installed = (name: string) => existsSync(join(root, "app/node_modules", name));
    expect(Object.keys(dependencies).filter((name) => !installed(name))).toEqual([]);
    // Some dependencies bring the types of theirs.
    const tools = Object.keys(devDependencies).filter((name) => !name.startsWith("@types/"));
    expect(tools.length).toBeGreaterThan(5);
    expect(tools.filter(installed)).toEqual([]);
    expect(readdirSync(join(root, "app")).sort()).toEqual([
      "LICENSE",
      "NOTICE",
      "data",
      "deploy",
      "gen",
      "node_modules",
      "package.json",
      "src",
    ]);
    expect(readdirSync(join(root, "app/deploy"))).toEqual(["healthcheck.ts"]);
  });

  it("is built from nothing secret", () => {
    for (const { from } of recipe.copies) {
      expect(from.filter((path) => !reachesBuild(path))).toEqual([]);
    }
    const kept = [
      ".git/config",
      ".env",
      "deploy/secrets/auth_tokens",
      "node_modules/pg/index.js",
      ".data/x",
      "test/a.ts",
    ];
    expect(kept.filter(reachesBuild)).toEqual([]);
  });

  it("can be migrated with, too", async () => {
    const [node = ""] = recipe.command;
    const child = runInTree(root, [node, "src/migrate.ts"], {});
    expect([await child.exit(), child.output]).toEqual([1, expect.stringContaining("DATABASE_URL is not set")]);
  });
});

describe("the Dockerfiles", () => {
  let hadolint = "";
  beforeAll(async () => {
    hadolint = (await provideDeployTools()).hadolint;
  });

  it("have nothing that hadolint finds wrong", async () => {
    const files = ["Dockerfile", ".devcontainer/Dockerfile"];
    expect(await run(hadolint, ["--failure-threshold", "style", ...files], { cwd: ROOT })).toBe("");
  });

  it("take one base for all stages of the image, which a build can name another for", () => {
    const text = readFileSync(join(ROOT, "Dockerfile"), "utf8");
    expect(text).toMatch(/^ARG NODE_IMAGE=docker\.io\/library\/node:/m);
    const bases = [...text.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base);
    expect(bases).toEqual([`\${NODE_IMAGE}`, `\${NODE_IMAGE}`]);
  });
});
