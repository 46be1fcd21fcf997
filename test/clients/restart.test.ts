import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { run } from "../provide/command.ts";
import { provideGrpcurl } from "../provide/grpcurl.ts";
import type { RunningProcess } from "../running-process.ts";
import { type RunningServer, startServer } from "../running-server.ts";
import { buildExecutor, ExecutorState, startExecutor } from "./executor.ts";
import { decidedIds, type StrategyGenerator, setUpGenerator } from "./strategy-generator.ts";

const STRATEGY = "pullback-1m";
/** A position is held for two bars; with so few allowed, some decisions are rejected, too. */
const FLAGS = ["-max-open", "2", "-hold", "2m"];
const ACTED =
  /\d\d:\d\d:\d\d (LONG|SHORT) .* USD at .*, by pullback-1m \[(opened|rejected: .*)\] because .*CLOSE is .*, holds/;

let folder: string;
let generator: StrategyGenerator;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "test-clients-"));
  generator = await setUpGenerator(folder);
  program = await buildExecutor(folder);
  await provideGrpcurl();
}, 600_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function follow(server: RunningServer, state: ExecutorState): RunningProcess {
  const executor = startExecutor(program, { address: server.address, state, flags: FLAGS });
  onTestFinished(() => void executor.kill());
  return executor;
}

/** Resolves once it has acted on a decision that it had not printed before. */
async function acts(executor: RunningProcess): Promise<void> {
  const said = executor.output.length;
  await executor.says(ACTED, said);
}

async function halt(server: RunningServer): Promise<void> {
  const { grpcurl } = await provideGrpcurl();
  const method = "strategyruntime.v1.PolicyService/SetTradingHalt";
  await run(grpcurl, ["-plaintext", "-d", '{"halted":true,"reason":"counting"}', server.address, method]);
}

/**
 * With no more decisions coming, the executor has dealt with each once, in order: nothing lost,
 * nothing twice.
 */
async function expectEachOnce(server: RunningServer, state: ExecutorState, executor: RunningProcess): Promise<void> {
  await halt(server);
  const decided = decidedIds(await generator(server.address, "--strategy", STRATEGY, "decisions"));
  expect(decided.length).toBeGreaterThan(1);
  expect(new Set(decided).size).toBe(decided.length);
  await vi
    .waitUntil(() => state.actedIds().length >= decided.length, { timeout: 20_000 })
    // What is missing is said below, with what the executor has to say about it.
    .catch(() => undefined);
  expect(state.actedIds(), executor.output).toEqual(decided);
}

async function launchWithExecutor() {
  const server = await startServer();
  const state = new ExecutorState();
  onTestFinished(() => rmSync(state.folder, { recursive: true, force: true }));
  const executor = follow(server, state);
  await executor.says(/following from now on/);
  const launched = await generator(server.address, "--strategy", STRATEGY, "launch");
  return { server, state, executor, launched };
}

describe("a strategy saved from Python and executed from Go", () => {
  it("survives kill -9 of the server: no decision is lost, and none is acted on twice", {
    timeout: 180_000,
  }, async () => {
    const { server, state, executor, launched } = await launchWithExecutor();
    expect(launched).toContain("now LIVE, version 3");
    await executor.says(ACTED);
    for (let crash = 0; crash < 2; crash++) {
      await acts(executor);
      const said = executor.output.length;
      expect(await server.kill("SIGKILL")).toBe("SIGKILL");
      await executor.says(/connection lost/, said);
      await server.restart();
      await executor.says(/following from d2\./, said);
      await acts(executor);
    }
    await expectEachOnce(server, state, executor);
    expect(await executor.kill("SIGTERM")).toBe(0);
  });

  it("survives kill -9 of the executor: no decision is lost, and none is acted on twice", {
    timeout: 180_000,
  }, async () => {
    const { server, state, executor: first } = await launchWithExecutor();
    let executor = first;
    for (let crash = 0; crash < 3; crash++) {
      // The line is printed between the ledger and the token, so the crash often falls between the
      // two.
      await acts(executor);
      await executor.kill("SIGKILL");
      const missed = server.output.length;
      // There are three symbols, each with one decision a bar: of four decisions, the first is on
      // an earlier bar than the last, and so too late.
      await server.says(/(?:"decisionId"[\s\S]*?){4}/, missed);
      executor = follow(server, state);
      await executor.says(/following from d2\./);
    }
    await acts(executor);
    await expectEachOnce(server, state, executor);
    const reasons = state.ledger().flatMap(({ kind, reason }) => (kind === "opened" ? [] : [`${kind}: ${reason}`]));
    expect(reasons).toContainEqual(expect.stringMatching(/^skipped: was valid until .*, the market is at /));
    expect(reasons).toContainEqual(expect.stringMatching(/^rejected: 2 positions are open/));
  });

  it("acts on nothing again where the token on disk is an old one", { timeout: 120_000 }, async () => {
    const { server, state, executor: first } = await launchWithExecutor();
    await acts(first);
    const old = readFileSync(state.tokenPath, "utf8");
    const before = state.actedIds().length;
    // A token is written only behind the last decision of its message: both have to be waited for.
    await vi.waitUntil(() => state.actedIds().length > before && readFileSync(state.tokenPath, "utf8") !== old, {
      timeout: 20_000,
    });
    await first.kill("SIGKILL");
    writeFileSync(state.tokenPath, old);
    const executor = follow(server, state);
    await acts(executor);
    await expectEachOnce(server, state, executor);
  });

  it("has the reports of every position, once each, after the crashes of the executor", {
    timeout: 120_000,
  }, async () => {
    const { server, state, executor: first } = await launchWithExecutor();
    let executor = first;
    for (let crash = 0; crash < 2; crash++) {
      await executor.says(/ closed (LONG|SHORT) /, executor.output.length);
      await executor.kill("SIGKILL");
      executor = follow(server, state);
    }
    await halt(server);
    const ledger = () => state.ledger();
    const count = (kind: string) => ledger().filter((entry) => entry.kind === kind).length;
    await expect.poll(() => count("opened") - count("closed"), { timeout: 20_000 }).toBe(0);
    const due = () => count("opened") + count("closed") + count("rejected") - count("reported");
    await expect.poll(due, { timeout: 20_000 }).toBe(0);
    const watched = await generator(
      server.address,
      "--strategy",
      STRATEGY,
      "watch",
      "--count",
      String(count("closed")),
    );
    const last = watched.trim().split("\n").at(-1) as string;
    const [, won, lost] = /, (\d+) won, (\d+) lost/.exec(last) ?? [];
    // A position may close without profit or loss only where the price stood still and cost
    // nothing: here, fees make it a loss.
    expect(Number(won) + Number(lost)).toBe(count("closed"));
    expect(await executor.kill("SIGINT")).toBe(0);
    expect(executor.output).not.toContain("the runtime refused");
  });
});
