import type { Principal } from "../auth/principal.ts";

/** One call of a method, as hooks around it see it. */
export interface Call {
  /** Full name of the service: "strategyruntime.v1.PolicyService". */
  readonly service: string;
  /** "SetRiskMode". */
  readonly method: string;
  readonly streaming: boolean;
  /** Address and port of the caller; "unknown" where it has none. */
  readonly peer: string;
  /**
   * The first value of a metadata entry, by its name in lower case; undefined where there is none,
   * or where it is binary.
   */
  metadata(name: string): string | undefined;
  /** When the caller stops waiting, ms since the epoch. */
  readonly deadline?: number;
  /** Who calls, where tokens are used and the method is not open to all. */
  readonly principal?: Principal;
  /**
   * Where the answer turns out to have no end of its own, `listener` hears of it once, before its
   * first message.
   */
  onEndless?(listener: () => void): void;
}

/**
 * A hook around calls: metrics, tracing. It runs `next` once, or throws instead; a RuntimeError
 * becomes the status of its code. Whether a caller may call is decided before, by its headers: see
 * auth/access.ts.
 *
 * `next` resolves when the handler has answered, or the last message of a stream was handed to the
 * connection; it rejects with the RuntimeError that the caller is told, `cancelled` and
 * `deadline_exceeded` included. The handler runs inside it, so async context reaches it.
 */
export type CallHook = (call: Call, next: () => Promise<void>) => Promise<void>;

/** The hooks as one, the first outermost. */
export function chainHooks(hooks: readonly CallHook[]): CallHook {
  return hooks.reduceRight<CallHook>(
    (inner, hook) => (call, next) => hook(call, () => inner(call, next)),
    (_, next) => next(),
  );
}
