import { existsSync } from "node:fs";
import { join } from "node:path";
import { cached } from "./cache.ts";
import { findCommand, run } from "./command.ts";
import { installSystemPackages } from "./system-package.ts";

const GRPC_VERSION = "1.85.1";

/** Python with grpcio and grpcio-tools, in an environment of its own. Made from PYTHON, else python3 on PATH, else installed. */
export async function providePython(): Promise<{ readonly python: string }> {
  const folder = await cached(
    `python-grpcio-${GRPC_VERSION}`,
    async (venv) => {
      await makeEnvironment(venv);
      const packages = [`grpcio==${GRPC_VERSION}`, `grpcio-tools==${GRPC_VERSION}`];
      // Wheels only: compiling gRPC takes longer than anybody waits for a test.
      const options = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"];
      await run(pythonOf(venv), ["-m", "pip", "install", ...options, ...packages]);
    },
    // The link is broken once the Python that it came from is gone.
    (venv) => existsSync(pythonOf(venv)),
  );
  return { python: pythonOf(folder) };
}

async function makeEnvironment(folder: string): Promise<void> {
  const python = process.env.PYTHON ?? findCommand("python3");
  try {
    await run(python ?? "python3", ["-m", "venv", folder]);
  } catch {
    // There is no Python, or it is one of Debian's, which leaves out venv.
    await installSystemPackages(["python3", "python3-venv"], "Python 3 with venv");
    await run(findCommand("python3") ?? "python3", ["-m", "venv", "--clear", folder]);
  }
}

function pythonOf(venv: string): string {
  return join(venv, "bin", "python");
}
