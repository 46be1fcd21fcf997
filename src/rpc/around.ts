/** One call of a method, as hooks around it see it. */
export interface Call {
  /** Full name of the service: "strategyruntime.v1.PolicyService". */
  readonly service: string;
  /** "SetRiskMode". */
  readonly method: string;
  readonly streaming: boolean;
  /** Address and port of the caller; "unknown" where it has none. */
  readonly peer: string;
  /** The first value of a metadata entry, by its name in lower case; undefined where there is none, or where it is binary. */
  metadata(name: string): string | undefined;
  /** When the caller stops waiting, ms since the epoch. */
  readonly deadline?: number;
}

/**
 * A hook around calls: authorisation, metrics, tracing. It runs `next` once, or throws instead; a RuntimeError becomes the status of its code.
 *
 * `next` resolves when the handler has answered, or the last message of a stream was handed to the connection; it rejects with the RuntimeError
 * that the caller is told, `cancelled` and `deadline_exceeded` included. The handler runs inside it, so async context reaches it.
 */
export type Around = (call: Call, next: () => Promise<void>) => Promise<void>;

/** The hooks as one, the first outermost. */
export function chain(hooks: readonly Around[]): Around {
  return hooks.reduceRight<Around>(
    (inner, hook) => (call, next) => hook(call, () => inner(call, next)),
    (_, next) => next(),
  );
}
