import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** The beginnings of what may come to a port, and no more. */
export const HALVES: Readonly<Record<string, string>> = {
  "half a request line": "GET /healthz HT",
  "half an HTTP/2 preface": "PRI * HTTP/2.0\r\n\r",
  "half a TLS hello": "\x16\x03\x01\x02\x00\x01\x00",
};

export interface Flood {
  /** Resolves once all sockets have sent their half. */
  readonly sent: Promise<unknown>;
  /** Sockets that the server has not closed. */
  open(): number;
}

/**
 * Opens sockets that send half of something, from a process of its own: whoever floods does not
 * share the time of those who call. The sockets are closed when the test ends.
 */
export function flood(port: number, half: string, count: number): Flood {
  const child = fork(import.meta.filename, [String(port), encodeURIComponent(half), String(count)], {
    stdio: "inherit",
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let open = count;
  child.on("message", (left) => {
    open = Number(left);
  });
  return { sent: once(child, "message"), open: () => open };
}

const TELL_MS = 50;

/**
 * The child: says how many sockets are open once all have sent, and from then on whenever that
 * changes.
 */
async function run(port: number, half: string, count: number, parent: ChildProcess | NodeJS.Process): Promise<void> {
  const sockets = new Set<Socket>();
  const one = () =>
    new Promise<void>((resolve) => {
      const socket = connect(port, "127.0.0.1", () => socket.write(half, "latin1", () => resolve()));
      sockets.add(socket);
      socket.on("error", () => {});
      socket.resume();
      socket.once("close", () => {
        sockets.delete(socket);
        resolve();
      });
    });
  await Promise.all(Array.from({ length: count }, one));
  let told = -1;
  const tell = () => {
    if (told !== sockets.size) {
      told = sockets.size;
      parent.send?.(told);
    }
  };
  tell();
  setInterval(tell, TELL_MS);
}

if (import.meta.main) {
  const [, , port, half, count] = process.argv;
  await run(Number(port), decodeURIComponent(half ?? ""), Number(count), process);
}
