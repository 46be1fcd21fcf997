import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FakeExchange, RestFault } from "../fake-exchange/fake-exchange.ts";
import type { RestReply } from "../fake-exchange/rest-api.ts";
import type { StreamFault } from "../fake-exchange/stream-connection.ts";
import {
  decidedBetween,
  decidesAfter,
  eventually,
  faultShows,
  healthOf,
  insertStrategy,
  isReady,
  type Production,
  type Stores,
  sql,
  startExchange,
  startProduction,
  startStores,
  whyNot,
} from "./production.ts";

const STRATEGY = "every-bar";
const SYMBOL = "BTCUSDT";
/** Short, so that the tests are: a bar that is later than this is no longer waited for. */
const ENV = { BAR_GRACE: "1s", PRICE_MAX_AGE: "2s" };

let stores: Stores;
let exchange: FakeExchange;
let restFault: RestFault | undefined;
/** The same one for all faults, in their order: what is tried is also that none needs a restart. */
let production: Production;

beforeAll(async () => {
  [stores, exchange] = await Promise.all([startStores(), startExchange()]);
  exchange.script("*", (reply) => restFault?.(reply) ?? reply, Number.POSITIVE_INFINITY);
  restFault = (reply) => ({ ...reply, body: PAGE });
  exchange.streamFault = () => PAGE;
  production = await startProduction(stores, exchange, ENV);
});

afterAll(async () => {
  await production?.server.close();
  await exchange?.close();
  await stores?.close();
});

const PAGE = "<!DOCTYPE html><html><body>Please sign in to the network</body></html>";

/** Decimal texts, prices and volumes among them, as another text. */
function withNumbers(replace: (decimal: string) => string): { rest: RestFault; stream: StreamFault } {
  const change = (text: string) => text.replace(/"(\d+\.\d+)"/g, (_, decimal: string) => replace(decimal));
  return { rest: (reply) => ({ ...reply, body: change(textOf(reply)) }), stream: change };
}

function textOf({ body }: RestReply): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** Rows of klines in the reverse order; of streams, only bars that closed long ago. */
const OUT_OF_ORDER = {
  rest: (reply: RestReply) => ({ ...reply, body: Array.isArray(reply.body) ? reply.body.toReversed() : reply.body }),
  stream: (message: string) =>
    message.replace(/"(t|T)":(\d+)/g, (_, key: string, time: string) => `"${key}":${Number(time) - 60_000}`),
};

const FAULTS: Readonly<Record<string, { rest: RestFault; stream: StreamFault }>> = {
  "a page in HTML with status 200": { rest: (reply) => ({ ...reply, body: PAGE }), stream: () => PAGE },
  "half a JSON text": {
    rest: (reply) => ({ ...reply, body: textOf(reply).slice(0, -5) }),
    stream: (message) => message.slice(0, -5),
  },
  "JSON of another form": { rest: (reply) => ({ ...reply, body: { data: null } }), stream: () => '{"data":null}' },
  "numbers for decimal texts": {
    rest: (reply) => ({ ...reply, body: textOf(reply).replace(/"(\d+\.\d+)"/g, "$1") }),
    stream: (message) => message.replace(/"(\d+\.\d+)"/g, "$1"),
  },
  "NaN for numbers": withNumbers(() => '"NaN"'),
  "prices below zero": withNumbers((decimal) => `"-${decimal}"`),
  "bars out of order": OUT_OF_ORDER,
};

describe("the venue", () => {
  it("with a page in HTML at start is waited for: not ready with the reason, then in use", async () => {
    const { server, api } = production;
    await insertStrategy(await sql(stores.postgres), STRATEGY);
    await eventually(
      () => whyNot(api),
      (text) => /^market data: .*cannot be read/.test(text),
    );
    expect(await healthOf(server)).toBe("NOT_SERVING");
    restFault = undefined;
    exchange.streamFault = undefined;
    await isReady(api);
    await decidesAfter(api, Date.now());
  });

  it.each(Object.entries(FAULTS))(
    "with %s is not believed: nothing is decided, and the reason told",
    async (_, { rest, stream }) => {
      const { server, api } = production;
      exchange.streamFault = stream;
      restFault = rest;
      expect(await faultShows(api)).toMatch(/^market data: /);
      const shown = Date.now();
      expect(await healthOf(server)).toBe("NOT_SERVING");
      expect(await api.outcome(STRATEGY, SYMBOL)).toBe("MARKET_DATA_UNAVAILABLE");
      const { symbols = [] } = await api.status();
      expect(symbols.map(({ whyNot }) => whyNot)).toEqual([expect.stringMatching(/./), expect.stringMatching(/./)]);

      const back = Date.now();
      exchange.streamFault = undefined;
      restFault = undefined;
      await isReady(api);
      await decidesAfter(api, Date.now());
      expect(await healthOf(server)).toBe("SERVING");
      // A bar that closed just before the end may be judged just after it.
      expect(await decidedBetween(api, shown, back - 1_000)).toEqual([]);
    },
  );
});
