import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Outgoing } from "../../../src/rpc/grpc/eager-writes.ts";
import { StreamWriter } from "../../../src/rpc/grpc/stream-writer.ts";

const KIB = 1_024;
/** What may wait for a reader. */
const MOST = 512 * KIB;
/** More than any reader may be behind; a writer that gets here would never stop. */
const FAR_TOO_MANY = 100;

/** A connection whose reader takes nothing until told to, and a call on it. */
function stalled() {
  const waiting: Outgoing[] = [];
  const abort = new AbortController();
  const progress: boolean[] = [];
  const call = { signal: abort.signal, progress: (isWaiting: boolean) => progress.push(isWaiting) };
  const writer = new StreamWriter({ write: (message) => waiting.push(message) }, call);
  return { writer, waiting, abort, progress };
}

/**
 * Writes as a handler does, as long as it need not wait for the reader; answers with what it waits
 * for then.
 */
async function writeUntilFull({
  writer,
  waiting,
}: ReturnType<typeof stalled>): Promise<{ readonly wait: Promise<void> }> {
  while (waiting.length < FAR_TOO_MANY) {
    const wait = writer.write(Buffer.alloc(32 * KIB));
    let isOver = wait === undefined;
    void wait?.then(() => {
      isOver = true;
    });
    await nextTurn();
    await nextTurn();
    if (wait !== undefined && !isOver) {
      return { wait };
    }
  }
  throw new Error(`${waiting.length} messages were written to a reader that takes none`);
}

async function isOver(wait: Promise<void>): Promise<boolean> {
  await nextTurn();
  return await Promise.race([wait.then(() => true), nextTurn(false)]);
}

describe("a stream writer", () => {
  it("sends the bytes as they were when they were written, though the encoder overwrites them", () => {
    const { writer, waiting } = stalled();
    const bytes = Buffer.from("first");
    writer.write(bytes);
    bytes.write("other");
    writer.write(bytes);
    expect(waiting.map((message) => message.take().toString())).toEqual(["first", "other"]);
  });

  it("holds its writer once 512 KiB wait for the reader, and lets it go on when there is room", async () => {
    const held = stalled();
    const { wait } = await writeUntilFull(held);
    const bytes = held.waiting.length * (32 * KIB + 5);
    expect([bytes > MOST, bytes <= MOST + 32 * KIB + 5]).toEqual([true, true]);
    expect(await isOver(wait)).toBe(false);
    held.waiting.shift()?.flushed();
    expect(await isOver(wait)).toBe(true);
    expect(held.writer.write(Buffer.alloc(32 * KIB))).toBeInstanceOf(Promise);
  });

  it("counts empty messages, too", async () => {
    const { writer, waiting } = stalled();
    let wait: Promise<void> | undefined;
    for (let i = 0; i < 110_000 && (wait === undefined || (await isOver(wait))); i++) {
      wait = writer.write(Buffer.alloc(0));
    }
    expect(wait && (await isOver(wait))).toBe(false);
    expect(waiting.length).toBe(Math.floor(MOST / 5) + 1);
  });

  it("holds nobody whose call has ended, before or while it waits", async () => {
    const held = stalled();
    const { wait } = await writeUntilFull(held);
    held.abort.abort();
    expect(await isOver(wait)).toBe(true);
    expect(await isOver(held.writer.write(Buffer.alloc(KIB)) ?? Promise.resolve())).toBe(true);
  });

  it("gives the connection its turn after 64 KiB, though the reader takes all at once", async () => {
    const { writer, waiting } = stalled();
    const turns = Array.from({ length: 9 }, () => {
      const wait = writer.write(Buffer.alloc(16 * KIB));
      waiting.shift()?.flushed();
      return wait !== undefined;
    });
    expect(turns).toEqual([false, false, false, true, false, false, false, true, false]);
  });

  it("says when something waits for the reader, and when nothing does", () => {
    const { writer, waiting, progress } = stalled();
    writer.write(Buffer.alloc(1));
    writer.write(Buffer.alloc(1));
    waiting[0]?.flushed();
    waiting[1]?.flushed();
    expect(progress).toEqual([true, true, false]);
  });
});
