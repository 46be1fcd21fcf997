import { type ChildProcess, spawn } from "node:child_process";

export interface ProcessOptions {
  readonly cwd?: string;
  /** Beside those of this process; undefined takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

const WAIT_LIMIT_MS = 60_000;

/** A program that runs beside the test, with all it says. It never outlives this process. */
export class RunningProcess {
  readonly pid: number;
  #said = "";
  #end: { readonly code: number | null; readonly signal: NodeJS.Signals | null } | undefined;
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #listeners = new Set<() => void>();

  constructor(command: string, args: readonly string[], options: ProcessOptions = {}) {
    this.#name = [command, ...args].join(" ");
    this.#child = spawn(command, args, {
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.pid = this.#child.pid ?? 0;
    const kill = () => this.#child.kill("SIGKILL");
    process.once("exit", kill);
    this.#closed = new Promise<void>((resolve) => {
      const end = (code: number | null, signal: NodeJS.Signals | null) => {
        process.off("exit", kill);
        this.#end = { code, signal };
        this.#tell();
        resolve();
      };
      this.#child.once("close", end);
      this.#child.once("error", (error) => {
        this.#said += `cannot run: ${error.message}`;
        end(null, null);
      });
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#said += text;
        this.#tell();
      });
    }
  }

  /** All it has said, on both outputs. */
  get output(): string {
    return this.#said;
  }

  /** Whether it has ended, its output included. */
  get ended(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Resolves with the first match in what it says from character `from` on; fails where it ends
   * without.
   */
  async says(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    let match: RegExpExecArray | null = null;
    await this.#until(`says ${pattern}`, () => {
      match = pattern.exec(this.#said.slice(from));
      return match !== null;
    });
    return match as unknown as RegExpExecArray;
  }

  /** Sends a signal and does not wait for what it does. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /**
   * Ends it (SIGKILL, unless said otherwise) and resolves with its exit code, or the signal, once
   * it is gone.
   */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<number | NodeJS.Signals | null> {
    if (!this.ended) {
      this.signal(signal);
    }
    return this.exit();
  }

  /** Resolves with its exit code, or the signal that ended it. */
  async exit(): Promise<number | NodeJS.Signals | null> {
    await this.#until("ends", () => this.ended);
    await this.#closed;
    return this.#end?.code ?? this.#end?.signal ?? null;
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    if (holds()) {
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const finish = (error?: Error) => {
        clearTimeout(timer);
        this.#listeners.delete(look);
        error === undefined ? resolve() : reject(error);
      };
      const fail = (why: string) => finish(new Error(`${this.#name} ${why}; it said:\n${this.#said.slice(-3_000)}`));
      const look = () => {
        if (holds()) {
          finish();
        } else if (this.ended) {
          fail(`ended before it ${what}`);
        }
      };
      const timer = setTimeout(() => fail(`took more than ${WAIT_LIMIT_MS} ms until it ${what}`), WAIT_LIMIT_MS);
      this.#listeners.add(look);
      look();
    });
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) {
      listener();
    }
  }
}
