import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A process of its own, asked one thing after the other. */
export interface Child<Q, A> extends AsyncDisposable {
  ask(question: Q): Promise<A>;
}

/** What a child answers: the answer, or why there is none. */
export type Reply<A> = { readonly answer: A } | { readonly fault: string };

/** Starts a module of bench/processes in a process of its own. */
export function startChild<Q, A>(module: string): Child<Q, A> {
  const path = fileURLToPath(new URL(`../processes/${module}`, import.meta.url));
  // A test runner's loaders are no part of what is measured.
  const child = fork(path, {
    execArgv: [],
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  return {
    ask: (question) => ask(child, module, question),
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) {
        const exit = once(child, "exit");
        child.kill("SIGKILL");
        await exit;
      }
    },
  };
}

async function ask<Q, A>(child: ChildProcess, module: string, question: Q): Promise<A> {
  const { promise, resolve, reject } = Promise.withResolvers<A>();
  const onMessage = (reply: Reply<A>) => ("fault" in reply ? reject(new Error(reply.fault)) : resolve(reply.answer));
  const onExit = (code: number | null) => reject(new Error(`${module} ended with ${code} and no answer`));
  child.once("message", onMessage as never);
  child.once("exit", onExit);
  try {
    child.send(question as never);
    return await promise;
  } finally {
    child.off("message", onMessage as never);
    child.off("exit", onExit);
  }
}

/** The child's side: answers each question, in order. */
export function answer<Q, A>(respond: (question: Q) => Promise<A>): void {
  let last: Promise<void> = Promise.resolve();
  process.on("message", (question) => {
    last = last.then(async () => {
      const reply: Reply<A> = await respond(question as Q).then(
        (found) => ({ answer: found }),
        (error: unknown) => ({ fault: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
      );
      process.send?.(reply);
    });
  });
  // Without its parent it has nobody to answer.
  process.once("disconnect", () => process.exit(0));
}
