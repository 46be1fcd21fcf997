import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Mutant, mutated } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { tryTests } from "./trial.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Neither belongs to the source, nor is read by a test that a mutant names. */
const LEFT_OUT = new Set([".git", ".data", "node_modules", "sbom"]);
/** Longer than the slowest of the tests takes on a machine that has other work. */
const LIMIT_S = "180";

const VERDICTS = { failed: "killed", passed: "SURVIVED", "ran away": "RAN AWAY" } as const;

/**
 * Puts each mutant into a copy of the source and runs its tests there; answers with those not
 * killed.
 */
async function runMutants(mutants: readonly Mutant[], limitMs: number): Promise<readonly Mutant[]> {
  const folder = mkdtempSync(join(tmpdir(), "mutants-"));
  try {
    cpSync(ROOT, folder, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    await mustPass(folder, mutants);
    const left: Mutant[] = [];
    for (const [i, mutant] of mutants.entries()) {
      const { verdict, by, seconds } = await tryMutant(folder, mutant, limitMs);
      const place = `${i + 1}/${mutants.length}`.padEnd(9);
      console.log(`${place}${VERDICTS[verdict].padEnd(10)}${seconds.toFixed(0).padStart(4)} s  ${mutant.name}`);
      if (by !== "") {
        console.log(`${" ".repeat(27)}${by}`);
      }
      if (verdict !== "failed") {
        left.push(mutant);
      }
    }
    return left;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A test that fails without any mutant would kill them all. */
async function mustPass(folder: string, mutants: readonly Mutant[]): Promise<void> {
  const tests = [...new Set(mutants.flatMap((mutant) => mutant.tests))];
  console.log(`${tests.length} test files, first without a mutant …`);
  const { verdict, by } = await tryTests(folder, tests, 1_800_000);
  if (verdict !== "passed") {
    throw new Error(`the tests fail without any mutant, so they say nothing of one: ${by}`);
  }
}

async function tryMutant(folder: string, mutant: Mutant, limitMs: number) {
  const path = join(folder, mutant.file);
  const source = readFileSync(path, "utf8");
  writeFileSync(path, mutated(mutant, source));
  try {
    return await tryTests(folder, mutant.tests, limitMs);
  } finally {
    writeFileSync(path, source);
  }
}

if (import.meta.main) {
  const options = { limit: { type: "string", default: LIMIT_S } } as const;
  const { values, positionals } = parseArgs({ args: process.argv.slice(2), allowPositionals: true, options });
  const isWanted = ({ name, file }: Mutant) => positionals.every((word) => `${file} ${name}`.includes(word));
  const mutants = MUTANTS.filter(isWanted);
  const left = await runMutants(mutants, Number(values.limit) * 1_000);
  console.log(`${mutants.length - left.length} of ${mutants.length} mutants killed`);
  for (const { name, file } of left) {
    console.log(`  not killed: ${name} (${file})`);
  }
  process.exitCode = left.length === 0 && mutants.length > 0 ? 0 : 1;
}
