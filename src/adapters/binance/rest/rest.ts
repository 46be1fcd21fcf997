import type { z } from "zod";
import { errorText, RuntimeError } from "../../../domain/errors.ts";
import type { Clock } from "../../../ports/clock.ts";
import type { VenueTime } from "../time/venue-time.ts";
import { backoffMs } from "../venue/backoff.ts";
import { noSymbol } from "../venue/symbol.ts";
import type { ObserveVenue } from "../venue/venue-event.ts";
import { errorSchema } from "../venue/venue-json.ts";
import type { RequestLane } from "./request-lanes.ts";
import type { RequestQueue } from "./request-queue.ts";

const TRIES = 3;
/** A try without a whole answer by then is given up. */
const TRY_MS = 10_000;
const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;
/** Where a 429 or a 418 does not say how long to wait; bans begin at two minutes. */
const UNTOLD_WAIT_MS = { 429: 30_000, 418: 120_000 } as const;
/** Bans last three days at most. */
const LONGEST_WAIT_MS = 3 * 86_400_000;

const NOT_A_SYMBOL = -1121;

export interface RestOptions {
  readonly url: string;
  readonly clock: Clock;
  readonly time: VenueTime;
  readonly fetch: typeof fetch;
  readonly queue: RequestQueue;
  readonly random: () => number;
  readonly observe: ObserveVenue;
}

export interface Ask<T> {
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number>>;
  readonly weight: number;
  readonly schema: z.ZodType<T>;
  /** How long it may take in all, waits and tries again included, ms. */
  readonly withinMs: number;
  readonly lane: RequestLane;
  /** Monotonic ms. */
  readonly notBefore?: number;
}

/** A fault that the next try may not have; `waitMs` where the venue said how long to wait. */
class Passing extends Error {
  readonly waitMs: number | undefined;

  constructor(message: string, options: { readonly waitMs?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.waitMs = options.waitMs;
  }
}

interface UnderWay {
  readonly controller: AbortController;
  readonly deadline: number;
}

/** The venue's public REST interface: GET only, so every request may be tried again. */
export class Rest {
  readonly #options: RestOptions;
  readonly #underWay = new Set<UnderWay>();

  constructor(options: RestOptions) {
    this.#options = options;
  }

  /**
   * Asks until answered, three times at most. Fails with `not_found` where the venue does not know
   * the symbol, with `unavailable` and what the venue said otherwise.
   */
  async get<T>(ask: Ask<T>): Promise<T> {
    const { clock, random } = this.#options;
    const deadline = clock.monotonic() + ask.withinMs;
    let notBefore = ask.notBefore ?? Number.NEGATIVE_INFINITY;
    for (let tries = 1; ; tries++) {
      const { weight, lane } = ask;
      const done = await this.#options.queue.take({ weight, notBefore, deadline, lane });
      try {
        return await this.#try(ask, deadline);
      } catch (error) {
        if (!(error instanceof Passing)) {
          throw error;
        }
        if (tries === TRIES || clock.monotonic() >= deadline) {
          throw new RuntimeError("unavailable", `${error.message}; try again later`, { cause: error.cause });
        }
        const wait = error.waitMs ?? backoffMs(tries - 1, FIRST_RETRY_MS, LONGEST_RETRY_MS, random);
        notBefore = clock.monotonic() + wait;
      } finally {
        done();
      }
    }
  }

  /** Gives up what takes too long. */
  tick(): void {
    const now = this.#options.clock.monotonic();
    for (const { controller, deadline } of this.#underWay) {
      if (now >= deadline) {
        controller.abort(new Error("no answer in time"));
      }
    }
  }

  abortAll(): void {
    for (const { controller } of this.#underWay) {
      controller.abort(new Error("the feed is closed"));
    }
  }

  async #try<T>(ask: Ask<T>, deadline: number): Promise<T> {
    const { clock, time, fetch, url } = this.#options;
    const sentAt = time.estimate();
    const controller = new AbortController();
    const underWay = { controller, deadline: Math.min(deadline, clock.monotonic() + TRY_MS) };
    this.#underWay.add(underWay);
    try {
      const query = new URLSearchParams(
        Object.entries(ask.query ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
      );
      const response = await fetch(`${url}${ask.path}?${query}`, { signal: controller.signal, redirect: "error" });
      this.#countUsed(response, sentAt);
      const text = await response.text();
      return response.ok ? this.#read(ask, text) : this.#refused(ask, response, text);
    } catch (error) {
      if (error instanceof Passing || error instanceof RuntimeError) {
        throw error;
      }
      const cause = controller.signal.aborted ? controller.signal.reason : error;
      throw new Passing(`Binance did not answer ${ask.path}: ${reasonOf(cause)}`, { cause });
    } finally {
      this.#underWay.delete(underWay);
    }
  }

  #countUsed(response: Response, sentAt: number): void {
    const used = Number(response.headers.get("x-mbx-used-weight-1m") ?? Number.NaN);
    if (Number.isFinite(used)) {
      this.#options.queue.countUsed(used, sentAt);
    }
  }

  #read<T>(ask: Ask<T>, text: string): T {
    const parsed = ask.schema.safeParse(parseJson(text));
    if (parsed.success) {
      return parsed.data;
    }
    const issue = parsed.error.issues[0];
    const detail = `Binance answered ${ask.path} with what cannot be read: ${issue?.path.join(".")} ${issue?.message}`;
    this.#options.observe({ kind: "malformed", detail });
    throw new Passing(detail);
  }

  #refused({ path, query }: Ask<unknown>, response: Response, text: string): never {
    const { status } = response;
    const error = errorSchema.safeParse(parseJson(text)).data;
    const said = error === undefined ? `HTTP ${status}` : `HTTP ${status}, ${error.code} ${error.msg}`;
    if (error?.code === NOT_A_SYMBOL) {
      throw new RuntimeError("not_found", `${noSymbol(String(query?.symbol))} (${said})`);
    }
    if (status === 429 || status === 418) {
      throw new Passing(`Binance refused ${path}: ${said}`, { waitMs: this.#throttled(response, status, said) });
    }
    if (status >= 500) {
      throw new Passing(`Binance failed on ${path}: ${said}`);
    }
    throw new RuntimeError("unavailable", `Binance refused ${path}: ${said}`);
  }

  /** All requests wait, not this one alone: the venue bans those who go on. */
  #throttled(response: Response, status: 429 | 418, said: string): number {
    const { clock, queue, observe } = this.#options;
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const waitMs = seconds >= 0 ? Math.min(seconds * 1000, LONGEST_WAIT_MS) : UNTOLD_WAIT_MS[status];
    observe({ kind: "throttled", status, waitMs, message: said });
    queue.pauseUntil(clock.monotonic() + waitMs, said);
    return waitMs;
  }
}

/** Undefined where it is no JSON, which no schema here takes. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** fetch says no more than "fetch failed"; what failed stands in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? errorText(error) : `${errorText(error)} (${errorText(cause)})`;
}
