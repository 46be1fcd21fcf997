import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../../bench/main.ts", import.meta.url));

async function bench(...args: string[]) {
  const child = spawn(process.execPath, ["--expose-gc", MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { out, err, code };
}

describe("npm run bench", () => {
  it("prints the chosen row for machines, and what it was measured on", async () => {
    const { out, code } = await bench("--tiny", "--json", "--only", "bar-to-judged");
    expect(code).toBe(0);
    const { machine, yardstick, lines } = JSON.parse(out);
    expect(yardstick).toMatchObject({ echoPerSecond: expect.any(Number), passMs: expect.any(Number) });
    expect(machine).toEqual({
      node: process.version,
      platform: expect.any(String),
      cpu: expect.any(String),
      cores: expect.any(Number),
      load: expect.any(Number),
    });
    expect(lines.map((line: { row: string; unit: string }) => [line.row, line.unit])).toEqual([
      ["bar-to-judged", "µs"],
      ["bar-to-judged", "µs"],
    ]);
  });

  it("prints the same as a table for people", async () => {
    const { out, code } = await bench("--tiny", "--only", "bar-to-judged");
    expect(code).toBe(0);
    expect(out).toMatch(/^row +what +ours +\(least to most\) +unit +rival +rival's +ours\/rival +target$/m);
    expect(out).toMatch(/^bar-to-judged .*µs/m);
    expect(out).toMatch(
      /^yardstick: bare echo [\d,.]+ calls\/s; plain INSERT of 500 decisions .*; a pass over 10 M doubles/m,
    );
  });

  it("refuses a row that does not exist, naming those that do", async () => {
    const { out, err, code } = await bench("--only", "sweeep");
    expect(code).toBe(1);
    expect(out).toBe("");
    expect(err).toContain("there is no row sweeep; the rows are sweep, sweep-core, sweep-trees, sweep-large");
  });
});
