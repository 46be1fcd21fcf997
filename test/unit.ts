/**
 * Where the unit tests are: they start no program and open no port, and all of them together take
 * less than a minute on two cores. `npm run test:unit` runs these.
 */
export const UNIT = [
  "test/domain/",
  "test/docs/",
  "test/indicators/",
  "test/engine/",
  "test/adapters/memory/",
  "test/adapters/replay/",
  "test/adapters/simulated/",
  "test/adapters/wrappers/",
  "test/rpc/encode/",
  "test/rpc/json/",
  "test/rpc/translate/",
  "test/config.test.ts",
  "test/count.test.ts",
  "test/import-rule.test.ts",
  "test/mutants/mutants.test.ts",
] as const;
