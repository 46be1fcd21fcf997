import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { run } from "../provide/command.ts";
import { providePython } from "../provide/python.ts";
import { RunningProcess } from "../running-process.ts";
import { startServer } from "../running-server.ts";
import { decidedIds, type StrategyGenerator, setUpGenerator } from "./strategy-generator.ts";

const SERVICES = ["StrategyService", "StrategyRuntimeService", "PolicyService", "PerformanceService"].map(
  (name) => `strategyruntime.v1.${name}`,
);
const GRACE_MS = 10_000;

let folder: string;
let generator: StrategyGenerator;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "test-drain-"));
  generator = await setUpGenerator(folder);
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Drained {
  readonly saved: number;
  readonly stream: {
    readonly code: string;
    readonly details: string;
    readonly token: string;
    readonly decided: string[];
  };
  readonly health: { readonly statuses: readonly string[]; readonly code: string };
}

describe("the real server to stock clients", () => {
  it("is SERVING as a whole and for each service, and knows no other", { timeout: 60_000 }, async () => {
    const { python } = await providePython();
    const server = await startServer({ DATA_DIR: "memory" });
    const script = join(import.meta.dirname, "health.py");
    const text = await run(python, [script, server.address, "", ...SERVICES, "strategyruntime.v1.Nothing"]);
    const expected = ["", ...SERVICES].map((name) => `${name} SERVING`);
    expect(text.split("\n")).toEqual([...expected, "strategyruntime.v1.Nothing NOT_FOUND", ""]);
  });

  it("goes down in order where Ctrl-C comes twice, as npm passes it on", { timeout: 60_000 }, async () => {
    const server = await startServer();
    const gone = server.kill("SIGINT");
    await server.says(/SIGINT: going down/);
    await server.kill("SIGINT");
    expect(await gone).toBe(0);
    await server.says(/"stopped"/);
  });

  it("goes down in order on SIGTERM: health first, streams with their token, calls to their end", {
    timeout: 120_000,
  }, async () => {
    const { python } = await providePython();
    const server = await startServer({ SHUTDOWN_GRACE: `${GRACE_MS}ms` });
    await generator(server.address, "launch");
    await server.says(/"decisionId".*"shadow":false/);
    const script = join(import.meta.dirname, "drain_client.py");
    const client = new RunningProcess(python, [script, server.address], { cwd: folder });
    onTestFinished(() => void client.kill());
    await client.says(/in flight/);

    const told = performance.now();
    expect(await server.kill("SIGTERM")).toBe(0);
    expect(performance.now() - told).toBeLessThan(GRACE_MS);
    expect(await client.exit(), client.output).toBe(0);
    const { saved, stream, health } = JSON.parse((await client.says(/^\{.*$/m))[0]) as Drained;
    expect(saved).toBe(100);
    expect(health).toEqual({ statuses: ["SERVING", "NOT_SERVING"], code: "UNAVAILABLE" });
    expect(stream.code).toBe("UNAVAILABLE");
    expect(stream.details).toContain("resume with the last resume_token");
    expect(stream.token).toMatch(/^d2\.[0-9a-f]{12}\.\d+\.[0-9a-f-]+$/);

    await server.restart();
    const ids = decidedIds(await generator(server.address, "decisions"));
    // What the stream had sent is what was decided up to its token; what came after is for whoever
    // goes on from there.
    expect(stream.decided.length).toBeGreaterThan(0);
    expect(ids.slice(0, stream.decided.length)).toEqual(stream.decided);
  });
});
