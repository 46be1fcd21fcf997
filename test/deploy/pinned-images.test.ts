import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { IMAGE_FILES, pinImages, pinnedImages } from "../../deploy/pin-images.ts";
import { run } from "../provide/command.ts";
import { RunningProcess } from "../running-process.ts";
import { ROOT } from "./deploy-tools.ts";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

/** What follows FROM, `image:`, and the defaults of arguments that name an image. */
function imagesNamedIn(text: string): readonly string[] {
  const patterns = [/^FROM (\S+)/gm, /^\s*image: (\S+)/gm, /\b\w*_IMAGE(?:=|: )(\S+)/g];
  const named = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(([, image = ""]) => image));
  return named.map((image) => image.replace(/^\$\{\w+:-(.*)\}$/, "$1"));
}

/** The files of the repository that can name an image. */
async function filesThatMay(): Promise<readonly string[]> {
  const names = await run("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: ROOT });
  const may = /(^|\/)(\w+\.)?Dockerfile$|(^|\/)(docker-)?compose[\w.-]*\.ya?ml$/;
  return names.split("\n").filter((name) => may.test(name));
}

describe("images", () => {
  it("are all pinned by digest, each to one, and the script knows every file that names one", async () => {
    expect([...(await filesThatMay())].sort()).toEqual([...IMAGE_FILES].sort());
    const named = IMAGE_FILES.flatMap((file) => imagesNamedIn(read(file)));
    expect(named.length).toBeGreaterThan(8);
    // The image that is built here has no digest yet, and stages name the argument that has one.
    const exempt = ["strategy-runtime-engine", `\${NODE_IMAGE}`];
    const pinned = /^[\w.-]+(\/[\w.-]+)+:(?!latest)[\w.-]+@sha256:[0-9a-f]{64}$/;
    expect(named.filter((image) => !exempt.includes(image) && !pinned.test(image))).toEqual([]);
    const images = pinnedImages(IMAGE_FILES.map(read));
    expect([...images].filter(([, digests]) => digests.size > 1)).toEqual([]);
    expect([...images.keys()].filter((name) => name.startsWith("docker.io/library/node:"))).toHaveLength(1);
  });

  it("have the Node that the tests run on, and .nvmrc names it, too", () => {
    const { devDependencies } = JSON.parse(read("package.json"));
    const base = imagesNamedIn(read("Dockerfile")).find((image) => image.includes("@"));
    expect(base).toContain(`/node:${devDependencies.node}-slim@`);
    expect(read(".nvmrc").trim()).toBe(devDependencies.node);
    expect(process.version).toBe(`v${devDependencies.node}`);
  });

  it("are pinned anew by the script, in every file that names them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "test-pins-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    for (const file of IMAGE_FILES) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(ROOT, file), join(folder, file));
    }
    const digest = `sha256:${"ab".repeat(32)}`;
    const docker = join(folder, "docker");
    writeFileSync(docker, `#!/bin/sh\necho "$*" >>"${folder}/asked"\necho ${digest}\n`);
    chmodSync(docker, 0o755);
    const path = process.env.PATH;
    process.env.PATH = [folder, path].join(delimiter);
    onTestFinished(() => {
      process.env.PATH = path;
    });
    const names = [...pinnedImages(IMAGE_FILES.map(read)).keys()];
    expect(await pinImages(folder, false)).toHaveLength(names.length);
    expect(readFileSync(join(folder, "compose.yaml"), "utf8")).toBe(read("compose.yaml"));
    expect(await pinImages(folder, true)).toHaveLength(names.length);
    const after = pinnedImages(IMAGE_FILES.map((file) => readFileSync(join(folder, file), "utf8")));
    expect([...after]).toEqual(names.map((name) => [name, new Set([digest])]));
    expect(await pinImages(folder, true)).toEqual([]);
    expect(readFileSync(join(folder, "asked"), "utf8")).toContain(`imagetools inspect ${names[0]} --format`);
  });

  it("stay as they are where no registry can be asked, and the script says so", async () => {
    const before = [...pinnedImages(IMAGE_FILES.map(read))];
    const script = join(ROOT, "deploy/pin-images.ts");
    const child = new RunningProcess(process.execPath, [script, "--check"], { env: { PATH: "/nowhere" } });
    expect([await child.exit(), child.output]).toEqual([1, expect.stringContaining("the registry cannot be asked")]);
    expect([...pinnedImages(IMAGE_FILES.map(read))]).toEqual(before);
  });
});
