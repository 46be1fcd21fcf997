import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageBuffers } from "../../../src/rpc/encode/message-buffers.ts";

describe("buffers of messages", () => {
  it("never change while their message is on its way, whatever the order in which others come back", () => {
    const step = fc.record({
      bytes: fc.integer({ min: 0, max: 200_000 }),
      fill: fc.integer({ min: 0, max: 255 }),
      back: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const buffers = new MessageBuffers();
        const onTheirWay: { readonly copy: Buffer; readonly whole: Buffer }[] = [];
        for (const { bytes, fill, back } of steps) {
          const whole = Buffer.alloc(bytes, fill);
          onTheirWay.push({ copy: buffers.copyOf(whole), whole });
          if (back !== null) {
            for (const { copy } of onTheirWay.splice(back % onTheirWay.length, 1)) {
              buffers.giveBack(copy);
              buffers.giveBack(copy);
            }
          }
          expect(onTheirWay.every(({ copy, whole }) => copy.equals(whole))).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("serve the next message once they are back", () => {
    const buffers = new MessageBuffers();
    const first = buffers.copyOf(Buffer.alloc(70_000));
    buffers.giveBack(first);
    expect(buffers.copyOf(Buffer.alloc(60_000)).buffer).toBe(first.buffer);
  });

  it("are their message's own where it is very large", () => {
    const buffers = new MessageBuffers();
    const copy = buffers.copyOf(Buffer.alloc(500_000));
    buffers.giveBack(copy);
    expect(buffers.copyOf(Buffer.alloc(500_000)).buffer).not.toBe(copy.buffer);
  });
});
