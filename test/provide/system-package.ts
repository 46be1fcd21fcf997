import { findCommand, run } from "./command.ts";

/**
 * Installs packages of the system, where this process may. Fails saying what is needed and how to get it.
 * `need` completes the sentence "tests need …".
 */
export async function installSystemPackages(packages: readonly string[], need: string): Promise<void> {
  const apt = findCommand("apt-get");
  if (apt === undefined || process.getuid?.() !== 0) {
    const how =
      apt === undefined ? `install ${need} and put it on PATH` : `run: sudo apt-get install ${packages.join(" ")}`;
    throw new Error(`tests need ${need}, which is not on PATH and cannot be installed from here: ${how}`);
  }
  // Services that a package would start are none of the tests' business: RUNLEVEL=1 keeps them down.
  const env = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  await run(apt, ["update", "-q"], { env });
  await run(apt, ["install", "-y", "-q", "--no-install-recommends", ...packages], { env });
}
