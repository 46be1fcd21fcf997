import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../provide/command.ts";
import { provideGo } from "../provide/go.ts";
import { RunningProcess } from "../running-process.ts";

export const GO_EXAMPLE = fileURLToPath(new URL("../../examples/go/", import.meta.url));

/** Builds the Go example into the folder, the way a user would, and answers the program's path. */
export async function buildExecutor(folder: string): Promise<string> {
  const { go } = await provideGo();
  const program = join(folder, "executor");
  await run(go, ["build", "-o", program, "."], { cwd: GO_EXAMPLE, env: { GOFLAGS: "" } });
  return program;
}

/** One line of the executor's ledger; see examples/go/store.go. */
export interface LedgerEntry {
  readonly kind: "opened" | "rejected" | "skipped" | "closed" | "reported";
  readonly decision_id: string;
  readonly reason?: string;
  readonly of?: string;
}

/** What the executor keeps on disk. */
export class ExecutorState {
  readonly folder: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), "test-executor-"));
  }

  get tokenPath(): string {
    return join(this.folder, "resume-token");
  }

  /** Whole lines only: the last one may be half written at this moment. */
  ledger(): LedgerEntry[] {
    const lines = readFileSync(join(this.folder, "ledger.jsonl"), "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  }

  /** Ids of the decisions that were dealt with, in that order, as often as they were. */
  actedIds(): string[] {
    return this.ledger()
      .filter(({ kind }) => kind === "opened" || kind === "rejected" || kind === "skipped")
      .map((entry) => entry.decision_id);
  }
}

/** Starts the executor against the server; `flags` come on top. */
export function startExecutor(
  program: string,
  given: { readonly address: string; readonly state: ExecutorState; readonly flags?: readonly string[] },
): RunningProcess {
  return new RunningProcess(program, ["-address", given.address, "-state", given.state.folder, ...(given.flags ?? [])]);
}
