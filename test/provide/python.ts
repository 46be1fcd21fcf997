import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "./cache.ts";
import { run } from "./command.ts";
import { installTools, provide } from "./tool.ts";
import { PYTHON } from "./tools.ts";

/**
 * What the Python example tells its users to install, so that the tests find out where that does
 * not do.
 */
const REQUIREMENTS = fileURLToPath(new URL("../../examples/python/requirements.txt", import.meta.url));
/** gRPC's own health client, for the tests only. */
const HEALTH_CLIENT = "grpcio-health-checking==1.85.1";

/** What a rival in the bench computes with, no part of what is served. */
const NUMPY = "numpy==2.4.6";

/**
 * Python with what the Python example requires and a stock health client, in an environment of its
 * own. Made from PYTHON, else python3 on PATH, else installed.
 */
export function providePython(): Promise<{ readonly python: string }> {
  return environmentWith("python-grpcio", ["-r", REQUIREMENTS, HEALTH_CLIENT], readFileSync(REQUIREMENTS));
}

/** Python with NumPy, for the bench. */
export function provideNumpy(): Promise<{ readonly python: string }> {
  return environmentWith("python-numpy", [NUMPY]);
}

/**
 * An environment with what pip is told to install; made once for the same packages and `versions`.
 */
async function environmentWith(
  name: string,
  packages: readonly string[],
  versions: Uint8Array = new Uint8Array(),
): Promise<{ readonly python: string }> {
  const digest = createHash("sha256")
    .update(packages.at(-1) ?? "")
    .update(versions)
    .digest("hex")
    .slice(0, 12);
  const folder = await cached(
    `${name}-${digest}`,
    async (venv) => {
      await makeEnvironment(venv);
      // Wheels only: compiling them takes longer than anybody waits for a test.
      const options = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"];
      await run(pythonOf(venv), ["-m", "pip", "install", ...options, ...packages]);
    },
    // The link is broken once the Python that it came from is gone.
    (venv) => existsSync(pythonOf(venv)),
  );
  return { python: pythonOf(folder) };
}

async function makeEnvironment(folder: string): Promise<void> {
  const python = await provide(PYTHON);
  try {
    await run(python, ["-m", "venv", folder]);
  } catch {
    // Debian's Python without venv.
    await installTools([PYTHON]);
    await run(python, ["-m", "venv", "--clear", folder]);
  }
}

function pythonOf(venv: string): string {
  return join(venv, "bin", "python");
}
