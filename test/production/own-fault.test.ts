import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startServer } from "../running-server.ts";

/** A custom evaluator whose module fails by itself, soon after the service has begun to serve. */
function faultyModule(statement: string): string {
  const folder = mkdtempSync(join(tmpdir(), "own-fault-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, "evaluator.ts");
  const source = `setTimeout(() => { ${statement} }, 3_000);\nexport default { name: "faulty", evaluate: () => ({}) };\n`;
  writeFileSync(path, source);
  return path;
}

describe("a fault that nobody catches", () => {
  it.each([
    ["an exception", 'throw new Error("out of order")'],
    ["a rejected promise", 'void Promise.reject(new Error("out of order"))'],
  ])("ends the process in order with code 70: %s", async (what, statement) => {
    const server = await startServer({ EVALUATORS: faultyModule(statement) });
    expect(await server.exit()).toBe(70);
    expect(server.output).toContain(`${what} that nobody caught: out of order`);
    expect(server.output).toContain("going down in order");
    await server.restart();
  });
});
