import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { run } from "../provide/command.ts";
import { provideGo } from "../provide/go.ts";
import { RunningProcess } from "../running-process.ts";
import { startServer } from "../running-server.ts";
import { buildExecutor, ExecutorState, GO_EXAMPLE, startExecutor } from "./executor.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "test-go-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function readTree(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(paths.map((path) => [path.slice(folder.length), readFileSync(path, "utf8")]));
}

describe("the executor in Go", () => {
  it("has the generated code of the contract as it is, and passes go vet and gofmt", { timeout: 600_000 }, async () => {
    const { go } = await provideGo();
    const folder = temporaryFolder();
    const bin = join(ROOT, "node_modules", ".bin");
    const path = [bin, dirname(go), process.env.PATH].join(":");
    const args = ["generate", "--template", "examples/go/buf.gen.yaml", "--output", folder];
    await run(join(bin, "buf"), args, { cwd: ROOT, env: { PATH: path, GOFLAGS: "" } });
    expect(readTree(join(folder, "examples/go/gen"))).toEqual(readTree(join(GO_EXAMPLE, "gen")));
    await run(go, ["vet", "."], { cwd: GO_EXAMPLE, env: { GOFLAGS: "" } });
    const gofmt = join((await run(go, ["env", "GOROOT"], { cwd: GO_EXAMPLE })).trim(), "bin", "gofmt");
    expect(await run(gofmt, ["-l", "."], { cwd: GO_EXAMPLE })).toBe("");
  });

  it("ends with the reason where its token belongs to other data", { timeout: 600_000 }, async () => {
    const program = await buildExecutor(temporaryFolder());
    const server = await startServer({ DATA_DIR: "memory" });
    const state = new ExecutorState();
    onTestFinished(() => rmSync(state.folder, { recursive: true, force: true }));
    writeFileSync(state.tokenPath, "d2.000000000000.41.-\n");
    const executor = startExecutor(program, { address: server.address, state });
    onTestFinished(() => void executor.kill());
    expect(await executor.exit()).toBe(1);
    expect(executor.output).toMatch(/executor: .*FailedPrecondition.*d2\.000000000000\.41\.- is from another journal/);
  });

  it("takes up a ledger whose last line a crash has cut off", { timeout: 600_000 }, async () => {
    const program = await buildExecutor(temporaryFolder());
    const state = new ExecutorState();
    onTestFinished(() => rmSync(state.folder, { recursive: true, force: true }));
    const whole = '{"kind":"skipped","decision_id":"0123456789abcdef0123456789abcdef","reason":"late"}\n';
    writeFileSync(join(state.folder, "ledger.jsonl"), `${whole}{"kind":"opened","decis`);
    const executor = new RunningProcess(program, ["-address", "127.0.0.1:1", "-state", state.folder]);
    onTestFinished(() => void executor.kill());
    await executor.says(/connection lost .*again in \d+ ms/);
    expect(readFileSync(join(state.folder, "ledger.jsonl"), "utf8")).toBe(whole);
  });
});
