import { systemClock } from "../../src/process/system-clock.ts";
import { FakeExchange } from "../../test/fake-exchange/fake-exchange.ts";
import { answer } from "../harness/child.ts";

/** A venue that speaks as Binance does, with its weight limit of 6,000 a minute. */
export type VenueQuestion = { readonly ask: "start"; readonly symbols: readonly string[] } | { readonly ask: "weight" };
export interface VenueAnswer {
  readonly restUrl: string;
  readonly wsUrl: string;
  /** Used so far. */
  readonly weight: number;
  /** Requests refused for the limit, since the start. */
  readonly refused: number;
}

/** The venue sends the bars that are forming about once a second. */
const EMIT_MS = 1_000;

let exchange: FakeExchange | undefined;

answer<VenueQuestion, VenueAnswer>(async (question) => {
  if (question.ask === "start") {
    exchange = new FakeExchange({ clock: systemClock, symbols: question.symbols });
    await exchange.start();
    exchange.run(EMIT_MS);
  }
  if (exchange === undefined) {
    throw new Error("the venue was not started");
  }
  const { restUrl, wsUrl, totalWeight: weight, refused } = exchange;
  return { restUrl, wsUrl, weight, refused };
});
