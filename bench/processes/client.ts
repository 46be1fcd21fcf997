import { Client, type ClientReadableStream, credentials } from "@grpc/grpc-js";
import { answer } from "../harness/child.ts";

/** A stock grpc-js client. Messages stay bytes: what it costs is the same whoever serves. */
export type ClientQuestion =
  /** `calls` unary calls, `inFlight` at a time. */
  | {
      readonly ask: "unary";
      readonly address: string;
      readonly path: string;
      readonly request: Uint8Array;
      readonly calls: number;
      readonly inFlight: number;
    }
  /**
   * Reads a stream to its end, or until `messages` have come, and `streams` of them one after the
   * other.
   */
  | {
      readonly ask: "stream";
      readonly address: string;
      readonly path: string;
      readonly request: Uint8Array;
      readonly messages?: number;
      readonly streams: number;
      /** Answers with the messages themselves, too. */
      readonly keep?: boolean;
    }
  /**
   * Begins to read a stream that may last, and answers once the first message has come. The
   * stream's end, whatever it is, ends the reading.
   */
  | { readonly ask: "follow"; readonly address: string; readonly path: string; readonly request: Uint8Array };

export interface ClientAnswer {
  /** Wall time, ms. */
  readonly ms: number;
  readonly messages: number;
  readonly bytes: number;
  readonly kept: readonly Uint8Array[];
}

const clients = new Map<string, Client>();

function clientOf(address: string): Client {
  const client = clients.get(address) ?? new Client(address, credentials.createInsecure());
  clients.set(address, client);
  return client;
}

function same(bytes: Buffer): Buffer {
  return bytes;
}

class Tally {
  messages = 0;
  bytes = 0;
  readonly kept: Uint8Array[] = [];

  add(message: Buffer, keep: boolean): void {
    this.messages++;
    this.bytes += message.length;
    if (keep) {
      this.kept.push(message);
    }
  }
}

async function unary(question: Extract<ClientQuestion, { ask: "unary" }>, tally: Tally): Promise<void> {
  const client = clientOf(question.address);
  const request = Buffer.from(question.request);
  const keepFirst = question.calls === 1;
  let left = question.calls;
  await new Promise<void>((resolve, reject) => {
    let open = 0;
    const next = (): void => {
      if (left === 0) {
        if (open === 0) {
          resolve();
        }
        return;
      }
      left--;
      open++;
      client.makeUnaryRequest(question.path, same, same, request, (error, response) => {
        open--;
        if (error || response === undefined) {
          reject(error ?? new Error("no response"));
          return;
        }
        tally.add(response, keepFirst);
        next();
      });
    };
    for (let i = 0; i < question.inFlight; i++) {
      next();
    }
  });
}

async function follow(question: Extract<ClientQuestion, { ask: "follow" }>, tally: Tally): Promise<void> {
  const { address, path, request } = question;
  const call = clientOf(address).makeServerStreamRequest(path, same, same, Buffer.from(request));
  await new Promise<void>((resolve, reject) => {
    call.on("data", (message: Buffer) => {
      tally.add(message, false);
      resolve();
    });
    call.once("error", reject);
  });
}

async function stream(question: Extract<ClientQuestion, { ask: "stream" }>, tally: Tally): Promise<void> {
  const { address, path, messages = Number.POSITIVE_INFINITY, keep = false } = question;
  for (let i = 0; i < question.streams; i++) {
    const call: ClientReadableStream<Buffer> = clientOf(address).makeServerStreamRequest(
      path,
      same,
      same,
      Buffer.from(question.request),
    );
    await read(call, messages, (message) => tally.add(message, keep));
  }
}

function read(call: ClientReadableStream<Buffer>, messages: number, take: (message: Buffer) => void): Promise<void> {
  let taken = 0;
  return new Promise((resolve, reject) => {
    call.on("data", (message: Buffer) => {
      if (taken < messages) {
        take(message);
      }
      taken++;
      if (taken === messages) {
        call.cancel();
        resolve();
      }
    });
    call.once("end", resolve);
    call.once("error", (error) => (taken >= messages ? resolve() : reject(error)));
  });
}

answer<ClientQuestion, ClientAnswer>(async (question) => {
  const tally = new Tally();
  const start = performance.now();
  switch (question.ask) {
    case "unary":
      await unary(question, tally);
      break;
    case "stream":
      await stream(question, tally);
      break;
    case "follow":
      await follow(question, tally);
      break;
    default:
      question satisfies never;
  }
  return { ms: performance.now() - start, messages: tally.messages, bytes: tally.bytes, kept: tally.kept };
});
