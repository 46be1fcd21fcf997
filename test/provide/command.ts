import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

export interface CommandOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** User and group to run as. */
  readonly user?: { readonly uid: number; readonly gid: number };
  readonly timeoutMs?: number;
}

/**
 * Runs a command to its end and answers its standard output. Fails with the command and the end of
 * what it said.
 */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: options.timeoutMs ?? 600_000,
      ...options.user,
    });
    let output = "";
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk;
      said += chunk;
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said += chunk;
    });
    const text = [command, ...args].join(" ");
    child.on("error", (cause) => reject(new Error(`cannot run ${text}: ${cause.message}`, { cause })));
    child.on("close", (code, signal) =>
      code === 0
        ? resolve(output)
        : reject(new Error(`${text}: ended with ${code ?? signal}\n${said.trimEnd().slice(-2_000)}`)),
    );
  });
}

/** Runs a command to its end with its output for all to see. Fails where the command does. */
export function show(command: string, args: readonly string[], options: CommandOptions = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "inherit", "inherit"],
    });
    child.on("error", (cause) => reject(new Error(`cannot run ${command}: ${cause.message}`, { cause })));
    child.on("close", (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${[command, ...args].join(" ")}: ended with ${code ?? signal}`)),
    );
  });
}

/**
 * The first executable of this name on PATH or in the folders given; undefined where there is none.
 */
export function findCommand(name: string, folders: readonly string[] = []): string | undefined {
  const all = [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), ...folders];
  return all.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
