import type { Clock } from "../../ports/clock.ts";
import type { DecisionJournal } from "../../ports/decision-journal.ts";
import type { Observer } from "../../ports/observer.ts";

/** A journal whose writes are told to the observer, with the time that they took. */
export function measuredJournal(inner: DecisionJournal, observer: Observer, clock: Clock): DecisionJournal {
  return {
    ready: () => inner.ready(),
    async append(decisions, withinMs) {
      const start = clock.monotonic();
      let failed = true;
      try {
        await inner.append(decisions, withinMs);
        failed = false;
      } finally {
        const durationMs = clock.monotonic() - start;
        observer.observe({ kind: "journal_append", decisions: decisions.length, durationMs, failed });
      }
    },
    probe: (decisions) => inner.probe(decisions),
    read: (query) => inner.read(query),
    identity: () => inner.identity(),
    lastSequence: () => inner.lastSequence(),
    get: (decisionIds) => inner.get(decisionIds),
    exits: (positionIds) => inner.exits(positionIds),
    find: (decisionIds) => inner.find(decisionIds),
    traces: (window, take) => inner.traces(window, take),
    tracesAt: (questions) => inner.tracesAt(questions),
    drop: (query) => inner.drop(query),
    judgedUntil: () => inner.judgedUntil(),
    noteJudged: (time) => inner.noteJudged(time),
    close: () => inner.close(),
  };
}
