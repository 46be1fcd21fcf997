import { describe, expect, it } from "vitest";
import { countLine, countTests } from "./count.ts";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((test) => ({ status: test })),
});

describe("countTests", () => {
  it("counts passed, failed and skipped tests over all files", () => {
    const results = { testResults: [file("passed", "passed", "pending", "todo"), file("failed", "failed", "passed")] };
    expect(countLine(countTests(results, 1))).toBe("2 passed, 1 failed, 2 skipped");
    expect(countLine(countTests({ testResults: [file("passed", "passed")] }, 0))).toBe("1 passed, 0 failed");
  });

  it("counts a file that could not be loaded as a failure", () => {
    expect(countTests({ testResults: [file("passed", "passed"), file("failed")] }, 1).failed).toBe(1);
  });

  it("never says 0 failed where the run ended badly", () => {
    expect(countTests({ testResults: [file("passed", "passed")] }, 1).failed).toBe(1);
    expect(countTests(undefined, 0).failed).toBe(1);
  });
});
