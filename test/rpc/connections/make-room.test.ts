import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { ConnectionLimit } from "../../../src/rpc/connections/connection-limit.ts";

describe("connections that have sent no whole request", () => {
  it("are closed some at a time, so that a flood of them holds up nothing else", () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    let closed = 0;
    const limit = new ConnectionLimit({ most: 100, mostOfAddress: 100, onClosed: () => closed++ });
    for (let count = 0; count < 1_000; count++) {
      const socket = Object.assign(new EventEmitter(), { remoteAddress: "192.0.2.7", destroy() {} });
      limit.take(socket as unknown as Socket, { settleMs: 60_000, hearsProbes: true });
    }
    vi.advanceTimersByTime(499);
    expect(closed).toBe(0);
    for (let ms = 0; ms < 1_000; ms++) {
      const before = closed;
      vi.advanceTimersByTime(1);
      expect(closed - before).toBeLessThanOrEqual(10);
    }
    expect([closed, limit.open]).toEqual([900, 100]);
  });
});
