import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ROOT } from "../../deploy/lock.ts";
import { RunningProcess } from "../running-process.ts";

const FAILING = `
import fc from "fast-check";
import { it } from "vitest";
it("fails", () => fc.assert(fc.property(fc.nat(), fc.nat(), (a, b) => a < 1_000 || b % 2 === 0)));
`;

it("a property that fails tells its seed, and fails the same way with it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "test-seed-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "test"));
  for (const name of ["vitest.config.ts", "test/property-seed.ts", "package.json"]) {
    copyFileSync(join(ROOT, name), join(folder, name));
  }
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  writeFileSync(join(folder, "test/failing.test.ts"), FAILING);
  const tried = async (seed?: string) => {
    const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
    const env = { PROPERTY_SEED: seed, CI: "true", NO_COLOR: "1", VITEST: undefined };
    const child = new RunningProcess(process.execPath, [vitest, "run"], { cwd: folder, env });
    await child.exit();
    const told = /PROPERTY_SEED=(\d+) npm test -- test\/failing\.test\.ts/.exec(child.output)?.[1];
    const counterexample = /\{ seed: \S+ path: "[^"]+"[\s\S]*?Counterexample: \[[^\]]*\]/.exec(child.output)?.[0];
    return { told, counterexample };
  };
  const first = await tried();
  expect([first.told, first.counterexample]).toEqual([expect.stringMatching(/^\d+$/), expect.any(String)]);
  expect(await tried(first.told)).toEqual(first);
  expect((await tried("7")).told).toBe("7");
});
