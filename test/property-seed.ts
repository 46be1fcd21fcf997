import fc from "fast-check";
import { beforeEach } from "vitest";

/**
 * Properties of all tests begin with the seed of the run (vitest.config.ts), so that one number
 * runs them again.
 */
const seed = Number(process.env.PROPERTY_SEED);
fc.configureGlobal({ seed });

beforeEach(({ onTestFailed }) => {
  onTestFailed(({ task }) => {
    const errors = task.result?.errors ?? [];
    if (errors.some(({ message }) => message.includes("Property failed"))) {
      console.error(`to try the same again: PROPERTY_SEED=${seed} npm test -- ${task.file.name}`);
    }
  });
});
