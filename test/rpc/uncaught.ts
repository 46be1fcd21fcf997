import { afterEach, beforeEach, expect } from "vitest";

/** Whatever callers send in the tests of a file: no fault of theirs may reach the process. */
export function expectNothingUncaught(): void {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => {
    uncaught.push(error);
  };
  beforeEach(() => {
    process.on("uncaughtException", note).on("unhandledRejection", note);
  });
  afterEach(() => {
    process.off("uncaughtException", note).off("unhandledRejection", note);
    expect(uncaught.splice(0)).toEqual([]);
  });
}
