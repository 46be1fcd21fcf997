import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { provideDeployTools, ROOT, readYaml } from "../deploy/deploy-tools.ts";

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly "timeout-minutes": number; readonly steps: readonly Step[] }>>;
}

const FOLDER = ".github/workflows";

describe("the workflow", () => {
  let jobs: Workflow["jobs"] = {};
  let permissions: Workflow["permissions"] = {};
  const steps = () => Object.values(jobs).flatMap((job) => job.steps);
  beforeAll(async () => {
    await provideDeployTools();
    ({ jobs, permissions } = await readYaml<Workflow>(`${FOLDER}/ci.yml`));
  });

  it("runs what CI runs, and asks for known holes of every package", () => {
    const commands = steps().flatMap(({ run }) => run ?? []);
    expect(commands).toContain(".ci/run");
    expect(commands).toContain("npm audit --omit=dev --audit-level=low");
    expect(commands).toContain("npm audit --audit-level=high");
    expect(Object.values(jobs).filter((job) => !(job["timeout-minutes"] > 0))).toEqual([]);
  });

  it("may only read, and keeps no credentials", () => {
    expect(permissions).toEqual({ contents: "read" });
    const checkouts = steps().filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.length).toBe(Object.keys(jobs).length);
    expect(checkouts.filter((step) => step.with?.["persist-credentials"] !== false)).toEqual([]);
  });

  it("takes actions by the hash of their commit, with the version beside it", () => {
    const texts = readdirSync(join(ROOT, FOLDER)).map((name) => readFileSync(join(ROOT, FOLDER, name), "utf8"));
    const used = texts.flatMap((text) => text.match(/^.*\buses:.*$/gm) ?? []);
    expect(used.length).toBeGreaterThan(2);
    expect(used.filter((line) => !/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line))).toEqual([]);
  });

  it("runs on the Node of .nvmrc", () => {
    const node = steps().filter(({ uses }) => uses?.startsWith("actions/setup-node@"));
    expect(node.map((step) => step.with?.["node-version-file"])).toEqual([".nvmrc", ".nvmrc"]);
  });
});
