import { Agent, request } from "node:http";
import { connect } from "node:net";
import { constants, setPriority } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { answer } from "../harness/child.ts";
import { type Attack, attacksOf } from "../samples/attacks.ts";

/** A viewer that does all it can to hurt others. */
export type ViewerQuestion =
  | {
      readonly ask: "begin";
      readonly grpc: string;
      readonly web: string;
      readonly token: string;
      /** By name; all, where there are none. */
      readonly attacks: readonly string[];
      /** Of the full sizes. */
      readonly share: number;
    }
  | { readonly ask: "end" };

/** How often each attack was answered in which way. */
export type ViewerAnswer = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Between two waves; a viewer that never waited would measure this process. */
const PAUSE_MS = 5;
const DEADLINE_MS = 20_000;

interface Scene {
  readonly client: Client;
  readonly metadata: Metadata;
  readonly web: { readonly host: string; readonly port: number };
  readonly grpcPort: number;
  readonly token: string;
  readonly agent: Agent;
  readonly stop: AbortSignal;
}

const told = new Map<string, Map<string, number>>();
let stop = new AbortController();
let work: Promise<unknown> = Promise.resolve();
let scene: Scene | undefined;

function note({ name }: Attack, how: string): void {
  const counts = told.get(name) ?? new Map<string, number>();
  told.set(name, counts.set(how, (counts.get(how) ?? 0) + 1));
}

/** The code; of those that the service should not give, what is said as well. */
function answered({ code, details }: ServiceError): string {
  const name = status[code] ?? String(code);
  return code === status.INTERNAL || code === status.UNKNOWN ? `${name} ${details}` : name;
}

const same = (bytes: Buffer): Buffer => bytes;

function overGrpc({ client, metadata, stop: over }: Scene, attack: Attack, body: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const deadline = Date.now() + DEADLINE_MS;
    const call = client.makeUnaryRequest(attack.path, same, same, body, metadata, { deadline }, (error) => {
      over.removeEventListener("abort", cancel);
      note(attack, error === null ? "OK" : answered(error));
      resolve();
    });
    const cancel = (): void => call.cancel();
    over.addEventListener("abort", cancel);
  });
}

/** Stays until it is ended, or until the attack is over. */
function stream({ client, metadata, stop: over }: Scene, attack: Attack, body: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const call = client.makeServerStreamRequest(attack.path, same, same, body, metadata);
    const cancel = (): void => call.cancel();
    over.addEventListener("abort", cancel);
    call.on("data", () => {});
    call.on("error", (error: ServiceError) => note(attack, answered(error)));
    call.on("close", () => {
      over.removeEventListener("abort", cancel);
      resolve();
    });
  });
}

function overWeb({ web, agent, token, stop: signal }: Scene, attack: Attack, body: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const packed = attack.way === "gzip";
    const headers = {
      "content-type": packed ? "application/proto" : "application/json",
      authorization: `Bearer ${token}`,
      ...(packed && { "content-encoding": "gzip" }),
    };
    const sending = request({ ...web, agent, path: attack.path, method: "POST", headers, signal }, (found) => {
      note(attack, `HTTP ${found.statusCode}`);
      found.resume().on("close", () => resolve());
    });
    sending.on("error", () => resolve());
    sending.end(body);
  });
}

/** Half of the connections go to each port, and never come to a whole request. */
function half({ web, grpcPort, stop: over }: Scene, attack: Attack, number: number): Promise<void> {
  return new Promise((resolve) => {
    const isWeb = number % 2 === 0;
    const socket = connect({ host: web.host, port: isWeb ? web.port : grpcPort });
    const leave = (): void => void socket.destroy();
    over.addEventListener("abort", leave);
    socket.write(isWeb ? "POST / HTTP/1.1\r\nHost: localhost\r\n" : "PRI * HTTP/2.0\r\n\r\nSM");
    socket.on("error", () => {});
    socket.resume().on("close", () => {
      over.removeEventListener("abort", leave);
      note(attack, "closed");
      resolve();
    });
  });
}

async function again(at: Scene, attack: Attack): Promise<void> {
  const made = attack.body();
  const fixed = attack.way === "gzip" ? gzipSync(made) : made;
  const one = async (number: number): Promise<void> => {
    switch (attack.way) {
      case "grpc":
        // Each symbol that nobody has is another one.
        return overGrpc(at, attack, fixed.length < 10_000 && fixed.length > 0 ? attack.body() : fixed);
      case "stream":
        return stream(at, attack, fixed);
      case "half":
        return half(at, attack, number);
      default:
        return overWeb(at, attack, fixed);
    }
  };
  if (attack.way === "stream" || attack.way === "half") {
    // Each place is taken again as soon as it is lost.
    const place = async (_: unknown, number: number): Promise<void> => {
      while (!at.stop.aborted) {
        await one(number);
        await wait(20 * PAUSE_MS);
      }
    };
    await Promise.all(Array.from({ length: attack.count }, place));
    return;
  }
  while (!at.stop.aborted) {
    await Promise.all(Array.from({ length: attack.count }, (_, i) => one(i)));
    await wait(PAUSE_MS);
  }
}

function begin(question: Extract<ViewerQuestion, { ask: "begin" }>): void {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${question.token}`);
  const [host = "", port = ""] = question.web.split(":");
  stop = new AbortController();
  scene = {
    client: new Client(question.grpc, credentials.createInsecure(), { "grpc.use_local_subchannel_pool": 1 }),
    metadata,
    web: { host, port: Number(port) },
    grpcPort: Number(question.grpc.split(":")[1]),
    token: question.token,
    agent: new Agent({ keepAlive: true }),
    stop: stop.signal,
  };
  const at = scene;
  const chosen = attacksOf(question.share).filter(
    ({ name }) => question.attacks.length === 0 || question.attacks.includes(name),
  );
  work = Promise.all(chosen.map((attack) => again(at, attack)));
}

async function end(): Promise<void> {
  stop.abort();
  await work;
  scene?.client.close();
  scene?.agent.destroy();
}

// Others would attack from a machine of their own: what this process takes of the service's cores
// is no part of what is measured.
setPriority(constants.priority.PRIORITY_LOW);

answer<ViewerQuestion, ViewerAnswer>(async (question) => {
  if (question.ask === "begin") {
    told.clear();
    begin(question);
  } else {
    await end();
  }
  return Object.fromEntries([...told].map(([name, counts]) => [name, Object.fromEntries(counts)]));
});
