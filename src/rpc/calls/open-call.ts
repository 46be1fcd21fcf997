import type { DescMethod } from "@bufbuild/protobuf";
import type { Deadline, Metadata } from "@grpc/grpc-js";
import { RuntimeError } from "../../domain/errors.ts";
import type { AuthContext } from "../auth/certificate.ts";
import type { Principal } from "../auth/principal.ts";
import type { Share } from "../budgets/share.ts";
import type { CallContext } from "../service.ts";
import type { Call } from "./call-hooks.ts";
import { LONGEST_TIMER_MS } from "./long-timeouts.ts";

/**
 * What is used of grpc-js's calls, and given by other carriers. Its event "cancelled" comes at the
 * end of every call, however it ended.
 */
export interface WireCall {
  readonly metadata: Pick<Metadata, "get">;
  getPeer(): string;
  getDeadline(): Deadline;
  /** The certificate of the connection, where the server asks for one. */
  getAuthContext?(): AuthContext;
  /** Whether unary calls, too, must be stopped at their deadline; grpc-js does that by itself. */
  readonly stopsUnaryCalls?: boolean;
  once(event: "cancelled", listener: () => void): unknown;
}

const REASONS = {
  cancelled: "the caller has left",
  deadline_exceeded: "the caller's deadline has passed",
} as const;

const GOING_DOWN = "the server is going down: connect again and resume with the last resume_token received";

/** Whether the connection of a call went before anybody looked at it. */
export function isGone(wire: Pick<WireCall, "getPeer">): boolean {
  return wire.getPeer() === "unknown";
}

interface OpenCallOptions {
  /** Of the caller's budgets; given back once the call has ended and its work, too. */
  readonly share: Share;
  readonly onEnd: (call: OpenCall) => void;
  readonly principal?: Principal | undefined;
  /**
   * Of an order, which is done once it has come in full, though its caller may have left: what its
   * work has of the caller's budgets then; throws where nothing of that is left.
   */
  readonly shareOfWork?: (() => Share) | undefined;
}

/** One call while it lasts: until its status has gone out, or the caller is gone. */
export class OpenCall implements Call, CallContext {
  readonly service: string;
  readonly method: string;
  readonly streaming: boolean;
  readonly peer: string;
  readonly deadline?: number;
  readonly principal?: Principal;
  /**
   * Since when (monotonic ms) something waits to be taken by the reader, without progress;
   * undefined while nothing does.
   */
  stalledSince: number | undefined;
  readonly #metadata: WireCall["metadata"];
  readonly #shareOfWork: (() => Share) | undefined;
  #share: Share;
  // Made when first asked for: most unary calls end without anyone looking at it.
  #abort: AbortController | undefined;
  #why: keyof typeof REASONS | undefined;
  #reason: RuntimeError | undefined;
  #timer: NodeJS.Timeout | undefined;
  #onEndless: (() => void)[] | undefined;
  #isEndless = false;
  #isServerGoingDown = false;

  constructor(wire: WireCall, method: DescMethod, { share, onEnd, principal, shareOfWork }: OpenCallOptions) {
    this.service = method.parent.typeName;
    this.method = method.name;
    this.streaming = method.methodKind !== "unary";
    this.peer = wire.getPeer();
    this.#share = share;
    this.#shareOfWork = shareOfWork;
    if (principal !== undefined) {
      this.principal = principal;
    }
    this.#metadata = wire.metadata;
    this.#countTurn();
    const deadline = Number(wire.getDeadline());
    if (Number.isFinite(deadline)) {
      this.deadline = deadline;
      if (this.streaming || wire.stopsUnaryCalls) {
        this.#watchDeadline(deadline);
      }
    }
    const end = (): void => {
      clearTimeout(this.#timer);
      const late = this.deadline !== undefined && Date.now() >= this.deadline;
      this.#stop(late ? "deadline_exceeded" : "cancelled");
      this.#countTurn();
      onEnd(this);
      share.release();
    };
    if (isGone(wire)) {
      // It will not say again that it has ended.
      end();
    } else {
      wire.once("cancelled", end);
    }
  }

  /** What opens and ends a stream is the caller's work: it may do nothing else, over and over. */
  #countTurn(): void {
    if (this.streaming) {
      this.#share.resume();
    }
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#why !== undefined) {
        this.#abort.abort(this.stopped);
      }
    }
    return this.#abort.signal;
  }

  /** Why nobody waits for the answer any more; undefined while somebody does. */
  get stopped(): RuntimeError | undefined {
    // Every call ends here, and few ask why: an error with its stack costs more than the rest of
    // this class.
    if (this.#why !== undefined) {
      this.#reason ??= new RuntimeError(this.#why, REASONS[this.#why]);
    }
    return this.#reason;
  }

  metadata(name: string): string | undefined {
    const value = this.#metadata.get(name)[0];
    return typeof value === "string" ? value : undefined;
  }

  onEndless(listener: () => void): void {
    this.#onEndless ??= [];
    this.#onEndless.push(listener);
  }

  endless(): void {
    const listeners = this.#onEndless ?? [];
    this.#onEndless = undefined;
    for (const listener of listeners) {
      listener();
    }
    this.#isEndless = true;
    this.#endEndless();
  }

  /** The server goes down: an answer without an end of its own ends now, any other finishes. */
  serverGoesDown(): void {
    this.#isServerGoingDown = true;
    this.#endEndless();
  }

  #endEndless(): void {
    if (this.#isEndless && this.#isServerGoingDown) {
      this.end(new RuntimeError("unavailable", GOING_DOWN));
    }
  }

  /**
   * The items of `source` until it ends or the call has, even while the source is silent and does
   * not look at the signal itself. The source is then told to return, and not waited for.
   */
  async *untilEnd<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, void> {
    const { signal } = this;
    const iterator = source[Symbol.asyncIterator]();
    // One slot for whoever waits now. A race against a promise that lives as long as the stream
    // would keep a reaction for each item.
    let wake = (): void => {};
    const onAbort = (): void => wake();
    signal.addEventListener("abort", onAbort);
    try {
      while (!signal.aborted) {
        const step = await new Promise<IteratorResult<T> | undefined>((resolve, reject) => {
          wake = () => resolve(undefined);
          iterator.next().then(resolve, reject);
        });
        if (step === undefined || step.done) {
          return;
        }
        yield step.value;
      }
    } finally {
      signal.removeEventListener("abort", onAbort);
      // A source that fails while it is being left has nobody to tell.
      iterator.return?.().catch(() => {});
    }
  }

  /**
   * Does the work of a unary call. It counts as under way until it has ended, though nobody may
   * wait for it any more: who calls and leaves, over and over, would have any number done
   * otherwise. Of a caller that has left before, orders alone are done, and take anew what the call
   * had: whoever gave one cannot know how far it came.
   */
  async work<T>(run: () => Promise<T>): Promise<T> {
    if (!this.#share.isOver) {
      this.#share.hold();
    } else if (this.#shareOfWork !== undefined) {
      this.#share = this.#shareOfWork();
    } else {
      throw this.stopped ?? new RuntimeError("cancelled", REASONS.cancelled);
    }
    try {
      return await this.#share.turn(run);
    } finally {
      this.#share.release();
    }
  }

  /** Who waits for what the call computes before its work; undefined where nobody need wait. */
  get waiting(): { readonly signal: AbortSignal } | undefined {
    return this.#shareOfWork === undefined ? this : undefined;
  }

  resumed(): void {
    this.#share.resume();
  }

  async *costly<T>(steps: AsyncIterable<T>): AsyncGenerator<T, void, void> {
    this.#share.becomeCostly();
    const iterator = this.#share.turn(() => steps[Symbol.asyncIterator]());
    try {
      for (;;) {
        const step = await this.#share.turn(() => iterator.next());
        if (step.done) {
          return;
        }
        yield step.value;
      }
    } finally {
      await iterator.return?.();
    }
  }

  /**
   * Something was handed to the connection, or taken from it by the reader; `waiting`: there is
   * more to take.
   */
  progress(waiting: boolean): void {
    this.stalledSince = waiting ? performance.now() : undefined;
  }

  /** Ends the call with an error that is neither the caller's leaving nor its deadline. */
  end(error: RuntimeError): void {
    if (this.#why === undefined) {
      this.#why = "cancelled";
      this.#reason = error;
      this.#abort?.abort(error);
    }
  }

  /**
   * grpc-js has a timer too, but its status waits behind what a stalled reader has not taken; the
   * handler must not wait with it.
   */
  #watchDeadline(deadline: number): void {
    const wait = Math.min(Math.max(deadline - Date.now(), 0), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => this.#stop("deadline_exceeded"), wait);
  }

  #stop(why: keyof typeof REASONS): void {
    if (this.#why === undefined) {
      this.#why = why;
      this.#abort?.abort(this.stopped);
    }
  }
}
