import type { DescMethod } from "@bufbuild/protobuf";
import { RuntimeError } from "../../domain/errors.ts";
import { guarded } from "../../domain/guarded.ts";
import type { Access, Credentials } from "../auth/access.ts";
import { clientCertificate } from "../auth/certificate.ts";
import type { Principal } from "../auth/principal.ts";
import { refusedCall } from "../auth/refused.ts";
import { Budgets, type CallerBytes } from "../budgets/budgets.ts";
import { callerOf } from "../budgets/caller.ts";
import { isOrder, laneOf } from "../budgets/lanes.ts";
import type { Share } from "../budgets/share.ts";
import { type CarrierLog, thrownTo } from "../carrier-log.ts";
import { toRuntimeError } from "../errors.ts";
import { tellOfLimit } from "../limit-refusal.ts";
import { isGone, OpenCall, type WireCall } from "./open-call.ts";
import type { StreamLimit, StreamPlace } from "./stream-limit.ts";

export interface OpenCallsOptions {
  readonly streams: StreamLimit;
  /** What each caller may use at once; absent: anything. */
  readonly budgets?: Budgets;
  /** A reader that takes nothing for so long is evicted. */
  readonly stallMs: number;
  /** Closes the connection of a peer, with all its calls. */
  readonly evict: (peer: string) => void;
  readonly log: CarrierLog;
  /** Who may call what; absent: anyone anything. */
  readonly access?: Access;
  /** How often open streams are asked whether their callers still may, ms; 5 s. */
  readonly recheckMs?: number;
}

const LONGEST_CHECK_MS = 1_000;
/**
 * With the time until a changed file is read, a stream of a token that is gone ends within 10 s.
 */
const RECHECK_MS = 5_000;

/**
 * The calls of the contract's services that are open: bounds their number, watches their readers,
 * and knows when the last one has ended.
 */
export class OpenCalls {
  readonly #calls = new Set<OpenCall>();
  /** Those of `#calls` that nobody waits for when the server goes down. */
  readonly #beside = new Set<OpenCall>();
  /**
   * Streams of callers that are known by something: whether they still are is asked again and
   * again.
   */
  readonly #known = new Map<OpenCall, () => unknown>();
  #isGoingDown = false;
  readonly #options: OpenCallsOptions;
  readonly #budgets: Budgets;
  readonly #check: NodeJS.Timeout;
  readonly #recheck: NodeJS.Timeout;
  #onIdle = (): void => {};

  constructor(options: OpenCallsOptions) {
    this.#options = options;
    this.#budgets = options.budgets ?? new Budgets();
    const interval = Math.min(Math.max(options.stallMs / 4, 1), LONGEST_CHECK_MS);
    const every = (ms: number, task: () => void) =>
      setInterval(() => guarded(task, thrownTo(options.log, "timer")), ms).unref();
    this.#check = every(interval, () => this.#evictStalled());
    this.#recheck = every(options.recheckMs ?? RECHECK_MS, () => this.#endUnknown());
  }

  /**
   * Lets a call in, or throws: `unavailable` while draining, what `access` says,
   * `resource_exhausted` where its caller has used a budget, or a stream would be one too many.
   */
  open(wire: WireCall, method: DescMethod): OpenCall {
    if (this.#isGoingDown) {
      throw new RuntimeError("unavailable", "the server is going down: try again, on another connection");
    }
    return this.#take(wire, method);
  }

  /**
   * As `open`, for a call that tells of the server itself, as health does. It counts as any other,
   * but it is let in while the server goes down, and the server does not wait for its end then.
   */
  openBeside(wire: WireCall, method: DescMethod): OpenCall {
    const call = this.#take(wire, method);
    this.#beside.add(call);
    return call;
  }

  #take(wire: WireCall, method: DescMethod): OpenCall {
    const ordered = isOrder(nameOf(method));
    if (isGone(wire) && !ordered) {
      throw new RuntimeError("cancelled", "the caller has left");
    }
    const principal = this.#admit(wire, method);
    const place = this.#placeOf(method, wire.getPeer(), principal);
    const share = this.#share(wire, method, principal, place);
    const onEnd = (ended: OpenCall) => this.#remove(ended, place);
    const shareOfWork = ordered ? () => this.#share(wire, method, principal, undefined) : undefined;
    const call = new OpenCall(wire, method, { share, onEnd, principal, shareOfWork });
    if (isGone(wire)) {
      return call;
    }
    this.#calls.add(call);
    if (call.streaming && principal !== undefined) {
      this.#known.set(call, () => this.#admitKnown(wire, method));
    }
    return call;
  }

  /**
   * From now on nobody is let in, and endless streams end. Resolves when no call is left, or after
   * `graceMs`.
   */
  async drain(graceMs: number): Promise<void> {
    this.#goDown();
    if (this.#isIdle()) {
      return;
    }
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#onIdle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Stops watching. */
  stop(): void {
    this.#goDown();
    clearInterval(this.#check);
    clearInterval(this.#recheck);
  }

  #goDown(): void {
    this.#isGoingDown = true;
    for (const call of this.#calls) {
      call.serverGoesDown();
    }
  }

  /** Who calls. What has no row in the table, or no token, does not come in by any carrier. */
  #admit(wire: WireCall, called: DescMethod): Principal | undefined {
    const { access, log } = this.#options;
    if (access === undefined) {
      return undefined;
    }
    const method = nameOf(called);
    const credentials = credentialsOf(wire);
    try {
      return access.admit(method, credentials);
    } catch (thrown) {
      log(refusedCall(access, credentials, { method, peer: wire.getPeer() }, thrown));
      throw thrown;
    }
  }

  /** As `#admit`, of a caller that was known: where anyone may call, too, it must still be. */
  #admitKnown(wire: WireCall, method: DescMethod): void {
    if (this.#admit(wire, method) === undefined) {
      this.#options.access?.identify(credentialsOf(wire));
    }
  }

  /**
   * A share of a caller's budgets for what is no call, such as a page, on processor time; throws as
   * `open` does.
   */
  shareOf(name: string, peer: string, principal: Principal | undefined): Share {
    const { caller, tell } = this.#callerOf(name, peer, principal);
    return this.#budgets.admit(caller, "costly", tell);
  }

  /** The bytes of a caller, for a request of `method` that comes in. */
  bytesOf(method: string, peer: string, principal: Principal | undefined): CallerBytes {
    const { caller, tell } = this.#callerOf(method, peer, principal);
    return this.#budgets.bytes(caller, isOrder(method), tell);
  }

  /** A share of the caller's budgets and, for a stream, a place among all. */
  #share(wire: WireCall, method: DescMethod, principal: Principal | undefined, place: StreamPlace | undefined): Share {
    const { caller, tell } = this.#callerOf(nameOf(method), wire.getPeer(), principal);
    const share = this.#budgets.admit(caller, laneOf(method), tell);
    try {
      if (place !== undefined) {
        this.#options.streams.take(place);
      }
      return share;
    } catch (thrown) {
      tellOfLimit(this.#options.log, { method: nameOf(method), peer: wire.getPeer(), principal }, thrown);
      share.release();
      throw thrown;
    }
  }

  /** Whose budgets a call draws on, and who hears where it is refused for them. */
  #callerOf(method: string, peer: string, principal: Principal | undefined) {
    const { access, log } = this.#options;
    const tell = (error: RuntimeError) =>
      log({ kind: "exhausted", method, peer, ...(principal && { principal }), error });
    return { caller: callerOf(principal, peer, { mustBeKnown: access !== undefined }), tell };
  }

  /** What a stream takes among all. */
  #placeOf(method: DescMethod, peer: string, principal: Principal | undefined): StreamPlace | undefined {
    if (method.methodKind === "unary") {
      return undefined;
    }
    const isStranger = this.#options.access !== undefined && principal === undefined;
    const stranger = isStranger ? this.#callerOf(nameOf(method), peer, principal).caller.name : undefined;
    return { kind: laneOf(method) === "signals" ? "signals" : "other", stranger };
  }

  #remove(call: OpenCall, place: StreamPlace | undefined): void {
    this.#calls.delete(call);
    this.#beside.delete(call);
    this.#known.delete(call);
    if (place !== undefined) {
      this.#options.streams.give(place);
    }
    if (this.#isIdle()) {
      this.#onIdle();
    }
  }

  #isIdle(): boolean {
    return this.#calls.size === this.#beside.size;
  }

  #endUnknown(): void {
    for (const [call, admit] of this.#known) {
      try {
        admit();
      } catch (thrown) {
        this.#known.delete(call);
        call.end(toRuntimeError(thrown));
      }
    }
  }

  #evictStalled(): void {
    const now = performance.now();
    const { stallMs, evict, log } = this.#options;
    for (const call of this.#calls) {
      const stalledMs = call.stalledSince === undefined ? 0 : now - call.stalledSince;
      if (stalledMs >= stallMs) {
        call.progress(false);
        log({ kind: "evicted", method: `${call.service}/${call.method}`, peer: call.peer, stalledMs });
        evict(call.peer);
      }
    }
  }
}

function credentialsOf(wire: WireCall): Credentials {
  const authorization = wire.metadata.get("authorization").map(String);
  const certificate = clientCertificate(wire.getAuthContext?.() ?? {});
  return { authorization, ...(certificate && { certificate }) };
}

function nameOf({ parent, name }: DescMethod): string {
  return `${parent.typeName}/${name}`;
}
