import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const run = promisify(execFile);
const { devDependencies } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));

/**
 * Libraries that a Debian without recommended packages has, since npm's own Node needs them there.
 */
const BASE = /^(linux-vdso|\/lib64|libdl|libstdc\+\+|libm|libgcc_s|libpthread|libc)[./]/;

describe("the Node that an installation brings", () => {
  it("runs the tests, in the version that package.json names", () => {
    expect(process.version).toBe(`v${devDependencies.node}`);
  });

  it.runIf(process.platform === "linux")("needs no library that a bare system lacks", async () => {
    const { stdout } = await run("ldd", [process.execPath]);
    const libraries = stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split(" ")[0] ?? "");
    expect(libraries).toContain("libc.so.6");
    expect(libraries.filter((library) => !BASE.test(library))).toEqual([]);
  });
});
