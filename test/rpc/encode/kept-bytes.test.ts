import { describe, expect, it } from "vitest";
import { KeptBytes } from "../../../src/rpc/encode/kept-bytes.ts";
import { WireWriter } from "../../../src/rpc/encode/wire-writer.ts";

interface Item {
  readonly text: string;
}

/** Messages that are lists of texts; tells which ones had to be encoded. */
function sender(mostBytes: number, isKept: (item: Item) => boolean = () => true) {
  const writer = new WireWriter();
  const kept = new KeptBytes<Item>(mostBytes, isKept);
  const encoded: string[] = [];
  const send = (items: readonly Item[], end = ""): Buffer => {
    writer.reset();
    kept.write(writer, items, (to, { text }) => {
      encoded.push(text);
      to.text(text);
    });
    writer.text(end);
    return kept.take(writer);
  };
  return { send, encoded };
}

function items(count: number): readonly Item[] {
  return Array.from({ length: count }, (_, i) => ({ text: `item ${i}` }));
}

describe("bytes that are kept", () => {
  it("are made once for all messages", () => {
    const { send, encoded } = sender(1e6);
    const all = items(6);
    send(all);
    expect(send(all.slice(2, 4)).toString()).toBe("\u0006item 2\u0006item 3\0");
    expect(send([...all.slice(4), ...all.slice(0, 1)]).toString()).toBe("\u0006item 4\u0006item 5\u0006item 0\0");
    expect(encoded).toHaveLength(6);
  });

  it("are one and the same message for all that ask for the same page", () => {
    const { send } = sender(1e6);
    const all = items(3);
    const first = send(all, "token");
    expect(send(all, "token")).toBe(first);
    expect(send(all, "other")).not.toBe(first);
  });

  it("are not of things that may change, nor of things that are equal to them", () => {
    const { send, encoded } = sender(1e6, ({ text }) => text !== "draft");
    const draft = { text: "draft" };
    const [sent] = items(1);
    for (let i = 0; i < 2; i++) {
      send([draft, sent as Item]);
      send(items(1));
    }
    expect(encoded).toEqual(["draft", "item 0", "item 0", "draft", "item 0"]);
  });

  it("are forgotten where they would be more than is allowed", () => {
    const { send, encoded } = sender(4_000);
    const old = items(1);
    send(old);
    for (let i = 0; i < 100; i++) {
      send(items(1));
    }
    expect(encoded).toHaveLength(101);
    send(old);
    expect(encoded).toHaveLength(102);
  });
});
