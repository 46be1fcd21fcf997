import { type handleServerStreamingCall, Server, ServerCredentials, type ServerWritableStream } from "@grpc/grpc-js";
import { Client } from "pg";
import { openPostgres } from "../../src/adapters/postgres/pool.ts";
import { sqlJournal } from "../../src/adapters/postgres/sql-journal.ts";
import type { Decision } from "../../src/domain/decision.ts";
import { answer } from "../harness/child.ts";
import type { Sample } from "../harness/contest.ts";
import { quantile } from "../harness/quantile.ts";
import { decisionsOf } from "../samples/decisions.ts";
import { plainInsert } from "../samples/plain-insert.ts";
import { BARE_FOLLOW, bareStreamMethod } from "./bare-stream.ts";

/**
 * The rival of a close: as many rows by one plain INSERT, where there is PostgreSQL, then as many
 * bytes to a bare stream.
 */
export type PipelineQuestion =
  | { readonly ask: "start"; readonly decisions: number; readonly bytes: number; readonly postgres?: string }
  /** Ends what was started. */
  | { readonly ask: "closes"; readonly count: number };
/** The address after a start. */
export type PipelineAnswer = string | Sample;

const END = Date.UTC(2024, 0, 1);
/** Decisions in one message, as in a follow stream. */
const DECISIONS_A_MESSAGE = 200;
/** Wall time between two closes. */
const PAUSE_MS = 20;

interface Running {
  readonly server: Server;
  readonly write: (decisions: readonly Decision[]) => Promise<void>;
  readonly closeStore: () => Promise<void>;
  readonly decisions: number;
  readonly messages: readonly number[];
}

let running: Running | undefined;
let reader: ServerWritableStream<Buffer, Buffer> | undefined;
let databases = 0;

async function start(question: Extract<PipelineQuestion, { ask: "start" }>): Promise<string> {
  const { decisions, bytes, postgres } = question;
  const server = new Server();
  const follow: handleServerStreamingCall<Buffer, Buffer> = (call) => {
    reader = call;
    call.write(Buffer.alloc(0));
  };
  server.addService({ follow: bareStreamMethod(BARE_FOLLOW) }, { follow });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const count = Math.max(1, Math.ceil(decisions / DECISIONS_A_MESSAGE));
  const messages = Array.from({ length: count }, () => Math.ceil(bytes / count));
  running = { server, decisions, messages, ...(await openStore(postgres)) };
  return `127.0.0.1:${port}`;
}

async function openStore(url: string | undefined): Promise<Pick<Running, "write" | "closeStore">> {
  if (url === undefined) {
    return { write: async () => {}, closeStore: async () => {} };
  }
  const name = `bare_${process.pid}_${++databases}`;
  const admin = openPostgres(url);
  await admin.query(`CREATE DATABASE ${name}`);
  await admin.query("CHECKPOINT");
  const own = new URL(`/${name}`, url).href;
  const db = openPostgres(own);
  await sqlJournal(db).ready();
  await db.close();
  const client = new Client({ connectionString: own });
  await client.connect();
  return {
    write: (decisions) => plainInsert(client, decisions),
    closeStore: async () => {
      await client.end();
      await admin.query(`DROP DATABASE ${name}`);
      await admin.close();
    },
  };
}

async function closes(count: number): Promise<Sample> {
  if (running === undefined || reader === undefined) {
    throw new Error("nothing was started, or nobody reads");
  }
  const { server, write, closeStore, decisions, messages } = running;
  const rows = decisionsOf(decisions * count, END);
  const delays: number[] = [];
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    const begin = performance.now();
    await write(rows.slice(i * decisions, (i + 1) * decisions));
    for (const length of messages) {
      reader.write(Buffer.alloc(length, 1));
    }
    delays.push(performance.now() - begin);
  }
  server.forceShutdown();
  await closeStore();
  running = undefined;
  reader = undefined;
  return {
    values: { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99), most: decisions },
    counts: { "closes with decisions": delays.length },
  };
}

answer<PipelineQuestion, PipelineAnswer>(async (question) =>
  question.ask === "start" ? start(question) : closes(question.count),
);
