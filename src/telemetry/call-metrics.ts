import { type ErrorCode, RuntimeError } from "../domain/errors.ts";
import type { ThrownIn } from "../ports/observer.ts";
import type { Metrics } from "./metrics.ts";

/** What is counted of a call. */
interface MeasuredCall {
  readonly service: string;
  readonly method: string;
  readonly streaming: boolean;
}

/**
 * A hook around calls that counts them by method and gRPC's status, and times the unary ones.
 * `monotonic` gives ms.
 */
export function callMetrics(
  metrics: Metrics,
  monotonic: () => number = () => performance.now(),
): (call: MeasuredCall, next: () => Promise<void>) => Promise<void> {
  return async (call, next) => {
    const method = `${call.service.slice(call.service.lastIndexOf(".") + 1)}/${call.method}`;
    const start = monotonic();
    if (call.streaming) {
      metrics.openStreams.inc({ method });
    }
    try {
      await next();
      metrics.calls.inc({ method, code: "OK" });
    } catch (thrown) {
      const code = thrown instanceof RuntimeError ? thrown.code : "internal";
      metrics.calls.inc({ method, code: statusName(code) });
      if (call.streaming && code === "resource_exhausted" && !isRefusal(thrown)) {
        // A stream that was under way ends so for one reason only: more waited for its reader than
        // its queue holds.
        metrics.streamEvictions.inc({ reason: "queue_full" });
      }
      throw thrown;
    } finally {
      if (call.streaming) {
        metrics.openStreams.dec({ method });
      } else {
        metrics.callDuration.observe({ method }, (monotonic() - start) / 1_000);
      }
    }
  };
}

/**
 * Those that are refused are told when to come back; those that were evicted may resume at once.
 */
function isRefusal(thrown: unknown): boolean {
  return thrown instanceof RuntimeError && thrown.retryAfterMs !== undefined;
}

/** gRPC's name of a code. */
function statusName(code: ErrorCode): string {
  return code === "invalid" ? "INVALID_ARGUMENT" : code.toUpperCase();
}

/** What the carriers say, as far as it is counted. */
interface CarrierEvent {
  readonly kind: string;
  /** Of what was thrown, where nobody waited. */
  readonly where?: ThrownIn;
  readonly error?: unknown;
  /** Which limit a call was refused for, where that is none of its caller's budgets. */
  readonly limit?: string;
}

/**
 * Counts what the carriers say: readers that were evicted, callers that were not let in, calls that
 * were refused for one of `limits`, and faults of this program.
 */
export function carrierMetrics(metrics: Metrics, limits: readonly string[] = []): (event: CarrierEvent) => void {
  for (const limit of limits) {
    metrics.limitRefused.inc({ limit }, 0);
  }
  metrics.streamEvictions.inc({ reason: "queue_full" }, 0);
  metrics.streamEvictions.inc({ reason: "stalled" }, 0);
  return ({ kind, where, error, limit }) => {
    if (kind === "evicted") {
      metrics.streamEvictions.inc({ reason: "stalled" });
    } else if (kind === "refused") {
      metrics.callsRefused.inc();
    } else if (kind === "exhausted" && limit !== undefined) {
      metrics.limitRefused.inc({ limit });
    } else if (kind === "thrown" && where !== undefined) {
      metrics.thrown.inc({ where });
    } else if (kind === "failed" && error instanceof RuntimeError && error.code === "internal") {
      metrics.thrown.inc({ where: "call" });
    }
  };
}
