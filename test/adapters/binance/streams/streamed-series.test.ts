import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { StreamedSeries } from "../../../../src/adapters/binance/streams/streamed-series.ts";
import type { Bar } from "../../../../src/domain/bar.ts";
import type { MarketEvent } from "../../../../src/ports/market-data.ts";

const MINUTE = 60_000;

function bar(minute: number, close = 100): Bar {
  return { openTime: minute * MINUTE, open: 100, high: 200, low: 1, close, volume: 1 };
}

function open(covered = 0) {
  const events: MarketEvent[] = [];
  const series = new StreamedSeries("BTCUSDT", "1m", covered * MINUTE);
  series.listen({ deliver: (event) => events.push(event) }, covered * MINUTE);
  const lines = () =>
    events.map((event) =>
      event.kind === "bar" ? `${event.bar.openTime / MINUTE}${event.correction ? " corrected" : ""}` : event.kind,
    );
  return { series, events, lines };
}

describe("a streamed series", () => {
  it("sends every bar once and in order, whatever the streams lose, repeat, delay and correct", () => {
    const step = fc.record({
      kind: fc.constantFrom("brought", "lost", "repeated", "corrected", "answered", "failed"),
      back: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { series, events } = open();
        const truth: Bar[] = [];
        for (const { kind, back } of steps) {
          const earlier = truth.at(-1 - back);
          if (kind === "brought" || kind === "lost") {
            truth.push(bar(truth.length));
          }
          if (kind === "brought") {
            series.take(truth.at(-1) as Bar);
          } else if (kind === "repeated" && earlier) {
            series.take(earlier);
          } else if (kind === "corrected" && earlier) {
            const corrected = { ...earlier, close: earlier.close + 1 };
            truth[truth.indexOf(earlier)] = corrected;
            series.take(corrected);
          } else if (kind === "answered") {
            series.caughtUp(truth);
          } else if (kind === "failed") {
            series.notCaughtUp(new Error("no"));
          }
        }
        series.caughtUp(truth);
        const sent = events.flatMap((event) => (event.kind === "bar" ? [event] : []));
        const times = sent.filter(({ correction }) => !correction).map(({ bar }) => bar.openTime);
        expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
        for (const [i, { bar }] of sent.entries()) {
          const before = sent.slice(0, i).findLast((other) => other.bar.openTime === bar.openTime);
          expect(before?.bar).not.toEqual(bar);
        }
        // Nothing is missing but what an `interrupted` told of.
        if (!events.some(({ kind }) => kind === "interrupted")) {
          expect(times).toEqual(truth.map(({ openTime }) => openTime));
          const last = new Map(sent.map(({ bar }) => [bar.openTime, bar]));
          expect([...last.values()].sort((a, b) => a.openTime - b.openTime)).toEqual(truth);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("sends the bar that closed just before it was followed, should it come late", () => {
    const { series, lines } = open(5);
    series.take(bar(4));
    series.take(bar(4));
    series.take(bar(5));
    expect(lines()).toEqual(["4", "5"]);
  });

  it("prefers what a stream says is final over the history", () => {
    const { series, events } = open();
    expect(series.take(bar(2, 150))).toBe(true);
    series.caughtUp([bar(0), bar(1), bar(2, 140)]);
    expect(events.map((event) => event.kind === "bar" && event.bar.close)).toEqual([100, 100, 150]);
  });

  it("spares a listener the bars before it began to listen", () => {
    const { series } = open();
    const late: MarketEvent[] = [];
    series.listen({ deliver: (event) => late.push(event) }, 3 * MINUTE);
    for (const minute of [0, 1, 2, 3]) {
      series.take(bar(minute));
    }
    expect(late.map((event) => event.kind === "bar" && event.bar.openTime / MINUTE)).toEqual([2, 3]);
  });

  it("tells of an interruption where more bars wait for the history than it holds", () => {
    const { series, lines } = open();
    for (let minute = 1; minute <= 1_002; minute++) {
      series.take(bar(minute));
    }
    series.caughtUp([]);
    expect(lines()).toEqual(["interrupted", "1002"]);
  });
});
