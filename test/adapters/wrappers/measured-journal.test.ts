import { describe, expect, it } from "vitest";
import { memoryJournal } from "../../../src/adapters/memory/memory-journal.ts";
import { measuredJournal } from "../../../src/adapters/wrappers/measured-journal.ts";
import type { EngineEvent } from "../../../src/ports/observer.ts";
import { decisionJournalContract } from "../../contracts/decision-journal.ts";
import { ManualClock } from "../../manual-clock.ts";
import { aDecision } from "../../rpc/samples.ts";

const nobody = { wantsSuppressions: false, observe: () => {} };

describe("measuredJournal", () => {
  describe("is a journal", () =>
    decisionJournalContract(async () => measuredJournal(memoryJournal(), nobody, new ManualClock(0))));

  it("tells how long each write took, and which failed", async () => {
    const clock = new ManualClock(0);
    const events: EngineEvent[] = [];
    const inner = memoryJournal();
    const journal = measuredJournal(
      {
        ...inner,
        append: async (decisions) => {
          clock.advance(7);
          await inner.append(decisions);
        },
      },
      { wantsSuppressions: false, observe: (event) => events.push(event) },
      clock,
    );
    await journal.ready();
    await journal.append([aDecision({ sequence: 1 })]);
    await expect(journal.append([aDecision({ sequence: 1 })])).rejects.toThrow();
    expect(events).toEqual([
      { kind: "journal_append", decisions: 1, durationMs: 7, failed: false },
      { kind: "journal_append", decisions: 1, durationMs: 7, failed: true },
    ]);
  });
});
