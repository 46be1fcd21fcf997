import { describe, expect, it } from "vitest";
import { auditLog } from "../../src/telemetry/audit-log.ts";
import { createLog } from "../../src/telemetry/logger.ts";
import { ManualClock } from "../manual-clock.ts";

function capture() {
  const lines: string[] = [];
  const destination = { write: (line: string) => lines.push(line) };
  const log = createLog({ levels: { level: "info", modules: {} }, format: "json", destination });
  const clock = new ManualClock(0);
  const records = () => lines.map((line) => JSON.parse(line) as { readonly msg: string; readonly repeated?: number });
  return { audit: auditLog(log("audit"), clock.after.bind(clock)), records, clock };
}

const order = (name: string, error?: string) => ({
  method: "PolicyService/SetTradingHalt",
  principal: { name },
  ...(error !== undefined && { error: new Error(error) }),
});

describe("auditLog", () => {
  it("has a line for each order that was carried out", () => {
    const { audit, records } = capture();
    for (let count = 0; count < 500; count++) {
      audit.add(order("carl"), `carl ordered ${count}`);
    }
    expect(records().map(({ msg }) => msg)).toEqual(Array.from({ length: 500 }, (_, count) => `carl ordered ${count}`));
  });

  it("has one a caller, method and minute for those that failed, with a count", () => {
    const { audit, records, clock } = capture();
    for (let count = 0; count < 5_000; count++) {
      audit.add(order("carl", "no"), "carl failed");
      audit.add(order("carol", "no"), "carol failed");
    }
    audit.add(order("carl"), "carl ordered a halt");
    expect(records().map(({ msg }) => msg)).toEqual(["carl failed", "carol failed", "carl ordered a halt"]);
    clock.advance(60_000);
    expect(records().slice(3)).toMatchObject([{ repeated: 4_999 }, { repeated: 4_999 }]);
  });

  it("does not grow with callers", () => {
    const { audit, records } = capture();
    for (let count = 0; count < 5_000; count++) {
      audit.add(
        { method: "m", peer: `10.0.${count >> 8}.${count & 255}:1`, error: new Error("no") },
        `${count} failed`,
      );
    }
    audit.flush();
    expect(records().length).toBeLessThanOrEqual(102);
  });
});
