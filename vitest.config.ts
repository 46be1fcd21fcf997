import { randomInt } from "node:crypto";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/property-seed.ts"],
    // One seed for all properties of a run, another for each run.
    env: { PROPERTY_SEED: process.env.PROPERTY_SEED ?? String(randomInt(2 ** 31)) },
    pool: "forks",
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 120_000,
  },
});
