import { z } from "zod";
import type { Bar } from "../../../domain/bar.ts";
import { errorText } from "../../../domain/errors.ts";
import { isTimeframe, type Timeframe, timeframeMs } from "../../../domain/timeframe.ts";

/**
 * Prices and volumes come as decimal text. Whether the bar that they make up is valid (R3) is for
 * the engine to say.
 */
const DECIMAL = /^-?\d{1,30}(\.\d{1,30})?$/;
const decimal = z.string().regex(DECIMAL, "must be a decimal number as text").transform(Number);

const time = z.int().nonnegative();

export const serverTimeSchema = z.object({ serverTime: time });

/** What one request for klines brought. */
export interface KlinePage {
  readonly bars: readonly Bar[];
  /**
   * Rows of the answer, those left out among them: fewer than asked for means that the venue has no
   * older ones.
   */
  readonly rows: number;
  /** Open time of the first row, whether it is a bar or not; absent without rows. */
  readonly oldest?: number;
  /** Why rows are no bars, one sentence each. Where they stand the page has holes (R5). */
  readonly leftOut: readonly string[];
}

/**
 * GET /api/v3/klines: rows in order of their open times. What stands behind the volume is not read,
 * the close time included: the venue wrote short ones where it went down in the middle of a bar. A
 * row that is not aligned to the timeframe (R1), or that repeats the one before, is left out: one
 * such row must not cost the whole page. The rows are checked by hand: a start with many symbols
 * reads a million of them, and a schema for each took most of its time.
 */
export function klinesSchema(timeframe: Timeframe): z.ZodType<KlinePage> {
  const length = timeframeMs(timeframe);
  return z.array(z.unknown()).transform((rows, context) => {
    const bars: Bar[] = [];
    const leftOut: string[] = [];
    let before = -1;
    for (const [i, row] of rows.entries()) {
      const bar = barOf(row);
      if (bar === undefined || bar.openTime < before) {
        const why = bar === undefined ? "" : `, behind one that opens at ${before}`;
        context.addIssue(`[${i}] is ${JSON.stringify(row)?.slice(0, 100)}, no ${timeframe} bar in order${why}`);
        return z.NEVER;
      }
      if (bar.openTime % length !== 0) {
        leftOut.push(`a row opens at ${bar.openTime}, which is not aligned to ${timeframe}`);
      } else if (bar.openTime === before) {
        leftOut.push(`two rows open at ${before}`);
      } else {
        bars.push(bar);
      }
      before = bar.openTime;
    }
    const oldest = (rows[0] as readonly [number] | undefined)?.[0];
    return { bars, rows: rows.length, leftOut, ...(oldest !== undefined && { oldest }) };
  });
}

/** Undefined where the row has another form than the venue's. */
function barOf(row: unknown): Bar | undefined {
  if (!Array.isArray(row)) {
    return undefined;
  }
  const [openTime, open, high, low, close, volume]: readonly unknown[] = row;
  if (
    !(isDecimal(open) && isDecimal(high) && isDecimal(low) && isDecimal(close) && isDecimal(volume)) ||
    !isTime(openTime)
  ) {
    return undefined;
  }
  return {
    openTime,
    open: Number(open),
    high: Number(high),
    low: Number(low),
    close: Number(close),
    volume: Number(volume),
  };
}

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isDecimal(value: unknown): value is string {
  return typeof value === "string" && DECIMAL.test(value);
}

/** The newest of GET /api/v3/aggTrades. */
export const lastTradeSchema = z.array(z.object({ p: decimal, T: time })).max(1);

/** GET /api/v3/ticker/price without a symbol: all that the venue has. */
export const allPricesSchema = z.array(z.object({ symbol: z.string() }));

/** What the venue says where it refuses. */
export const errorSchema = z.object({ code: z.int(), msg: z.string() });

export interface KlineEvent {
  readonly kind: "kline";
  readonly stream: string;
  readonly timeframe: Timeframe;
  readonly symbol: string;
  /** Venue time when it was sent, ms. */
  readonly eventTime: number;
  readonly isClosed: boolean;
  /** Whether the venue says that the bar ends before its time, as where it goes down. */
  readonly isShort: boolean;
  readonly bar: Bar;
}

/** What comes over a combined stream. */
export type StreamMessage =
  | KlineEvent
  | { readonly kind: "shutdown" }
  /** The answer to a request of ours; `error` where it was refused. */
  | { readonly kind: "answer"; readonly id: number | undefined; readonly error?: string }
  /** A stream's event of a kind that is not read here. */
  | { readonly kind: "other" };

const klineData = z.object({
  e: z.literal("kline"),
  E: time,
  s: z.string(),
  k: z.object({
    t: time,
    T: time,
    i: z.string().refine(isTimeframe),
    o: decimal,
    h: decimal,
    l: decimal,
    c: decimal,
    v: decimal,
    x: z.boolean(),
  }),
});

const klineMessage = z
  .object({ stream: z.string(), data: klineData })
  .transform(({ stream, data }, context): KlineEvent => {
    const { t, T, i, o, h, l, c, v, x } = data.k;
    const length = timeframeMs(i);
    if (t % length !== 0) {
      context.addIssue(`the kline of ${stream} opens at ${t}, no ${i} bar`);
    }
    const bar = { openTime: t, open: o, high: h, low: l, close: c, volume: v };
    const isShort = T < t + length - 1;
    return { kind: "kline", stream, timeframe: i, symbol: data.s, eventTime: data.E, isClosed: x, isShort, bar };
  });

const shutdownMessage = z
  .object({ data: z.object({ e: z.literal("serverShutdown") }) })
  .transform((): StreamMessage => ({ kind: "shutdown" }));

const otherMessage = z
  .object({ stream: z.string(), data: z.object({ e: z.string().refine((e) => e !== "kline") }) })
  .transform((): StreamMessage => ({ kind: "other" }));

const id = z
  .int()
  .nullish()
  .transform((value) => value ?? undefined);

const acceptedMessage = z
  .object({ result: z.null(), id })
  .transform(({ id }): StreamMessage => ({ kind: "answer", id }));

const refusal = errorSchema.transform(({ code, msg }) => `${code} ${msg}`);
const refusedMessage = z
  .union([
    z.object({ error: refusal, id }),
    errorSchema.extend({ id }).transform(({ code, msg, id }) => ({ error: `${code} ${msg}`, id })),
  ])
  .transform(({ error, id }): StreamMessage => ({ kind: "answer", id, error }));

const streamMessage = z.union([klineMessage, acceptedMessage, shutdownMessage, refusedMessage, otherMessage]);

/** Reads one text frame; the answer is why not where it cannot be read. */
export function parseStreamMessage(text: string): StreamMessage | string {
  try {
    const parsed = streamMessage.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : `a message of no known form: ${text.slice(0, 200)}`;
  } catch (error) {
    return errorText(error);
  }
}
