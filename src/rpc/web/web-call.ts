import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage, ServerResponse } from "node:http";
import { ConnectError } from "@connectrpc/connect";
import { RuntimeError } from "../../domain/errors.ts";
import { peerCertificate } from "../auth/certificate.ts";
import type { CallHook } from "../calls/call-hooks.ts";
import type { OpenCall, WireCall } from "../calls/open-call.ts";
import { toRuntimeError } from "../errors.ts";
import { refusedByConnect } from "./connect-error.ts";

/** A request as `OpenCall` wants to see it. `deadline` is in ms since the epoch. */
export function wireCall(request: IncomingMessage, response: ServerResponse, deadline: number): WireCall {
  const { remoteAddress, remotePort } = request.socket;
  const isGone = response.destroyed || remoteAddress === undefined;
  return {
    metadata: { get: (name) => (name.endsWith("-bin") ? [] : (request.headersDistinct[name] ?? [])) },
    getPeer: () => (isGone ? "unknown" : `${remoteAddress}:${remotePort}`),
    getDeadline: () => deadline,
    getAuthContext: () => peerCertificate(request.socket),
    stopsUnaryCalls: true,
    once: (_, listener) => response.once("close", listener),
  };
}

/**
 * Brings hooks of a call and a handler together that is started by somebody else: by Connect,
 * once the hooks have let the call in and the body has been read. What the handler does runs in the
 * async context that the hooks made for it.
 */
export class WebCall {
  readonly call: OpenCall;
  readonly #inside = Promise.withResolvers<void>();
  #outside: Promise<void> = Promise.resolve();
  #inContext: ReturnType<typeof AsyncLocalStorage.snapshot> | undefined;
  #isHandled = false;

  private constructor(call: OpenCall) {
    this.call = call;
    // Where a hook has left before the handler ends, nobody listens here.
    this.#inside.promise.catch(() => {});
  }

  /**
   * Resolves once the hooks have let the call in; rejects with what they refused it with. `over`
   * aborts when Connect is done with the call.
   */
  static async admit(call: OpenCall, hook: CallHook, over: AbortSignal): Promise<WebCall> {
    const web = new WebCall(call);
    const entered = Promise.withResolvers<void>();
    web.#outside = hook(call, () => {
      web.#inContext = AsyncLocalStorage.snapshot();
      entered.resolve();
      return web.#inside.promise;
    });
    // Whoever wants to know waits for it itself.
    web.#outside.catch(() => {});
    await Promise.race([entered.promise, web.#outside.then(skipped)]);
    const onOver = (): void => {
      if (!web.#isHandled) {
        // The body was no message, or too large, or never came to its end.
        web.#inside.reject(call.stopped ?? refusedByConnect(over.reason));
      }
    };
    over.addEventListener("abort", onOver);
    if (over.aborted) {
      onOver();
    }
    return web;
  }

  /**
   * Looks at what Connect is about to answer with: before the handler, only the caller can be at
   * fault.
   */
  beforeRefusal(reason: unknown): void {
    if (!this.#isHandled && reason instanceof ConnectError) {
      refusedByConnect(reason);
    }
  }

  /** Answers a unary call, or throws what the caller is told. */
  async answer<T>(handle: () => Promise<T>): Promise<T> {
    this.#isHandled = true;
    let response: T | undefined;
    try {
      response = await this.#beforeStop(this.#run(() => this.call.work(handle)));
    } catch (thrown) {
      await this.#fail(thrown);
    }
    await this.#succeed();
    this.call.progress(true);
    return response as T;
  }

  /**
   * The messages of a stream, at the pace of the connection that asks for them; ends by throwing
   * what the caller is told.
   */
  async *messages<T>(handle: () => AsyncIterable<T>): AsyncGenerator<T, void, void> {
    this.#isHandled = true;
    let source: AsyncGenerator<T, void, void> | undefined;
    this.call.resumed();
    try {
      const started = this.#run(() => this.call.untilEnd(handle()));
      source = started;
      for (;;) {
        const step = await this.#run(() => started.next());
        if (step.done) {
          break;
        }
        this.call.progress(true);
        yield step.value;
        // Asked for more, so the connection has room.
        this.call.progress(false);
      }
      await this.#succeed();
    } catch (thrown) {
      await this.#fail(thrown);
    } finally {
      // Where the connection has gone, nobody asks for more: this alone still runs then, and finds
      // nothing settled.
      this.#inside.reject(this.call.stopped ?? new RuntimeError("cancelled", "the caller has left"));
      await source?.return();
    }
  }

  #run<R>(task: () => R): R {
    return this.#inContext === undefined ? task() : this.#inContext(task);
  }

  async #succeed(): Promise<void> {
    const { stopped } = this.call;
    if (stopped !== undefined) {
      await this.#fail(stopped);
    }
    this.#inside.resolve();
    await this.#outside;
  }

  /** What the hooks make of it is what the caller is told. */
  async #fail(thrown: unknown): Promise<never> {
    const error = this.call.stopped ?? toRuntimeError(thrown);
    this.#inside.reject(error);
    await this.#outside;
    throw error;
  }

  async #beforeStop<T>(work: Promise<T>): Promise<T> {
    const { signal } = this.call;
    const stopped = Promise.withResolvers<never>();
    const onAbort = (): void => stopped.reject(this.call.stopped);
    signal.addEventListener("abort", onAbort);
    if (signal.aborted) {
      onAbort();
    }
    try {
      return await Promise.race([work, stopped.promise]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }
}

function skipped(): never {
  throw new Error("a hook of the call ran nothing and threw nothing");
}
