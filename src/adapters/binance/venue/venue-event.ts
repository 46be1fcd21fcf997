import type { Timeframe } from "../../../domain/timeframe.ts";

/** What the adapter lived through, for logs and metrics. Times in ms. */
export type VenueEvent =
  | { readonly kind: "connected"; readonly streams: number }
  /** A connection ended, or could not be opened. */
  | { readonly kind: "disconnected"; readonly wasOpen: boolean; readonly reason: string; readonly retryMs: number }
  /** A connection is replaced by a new one, with overlap. */
  | { readonly kind: "renewing"; readonly reason: string }
  /** The venue told us to wait; nothing is asked meanwhile. */
  | { readonly kind: "throttled"; readonly status: number; readonly waitMs: number; readonly message: string }
  | { readonly kind: "malformed"; readonly detail: string }
  /** A fault of this program, in something that nobody waits for. */
  | { readonly kind: "thrown"; readonly error: unknown }
  /** Rows of the history that are no bars; the series has holes there. `detail` is of the first. */
  | {
      readonly kind: "left_out";
      readonly symbol: string;
      readonly timeframe: Timeframe;
      readonly rows: number;
      readonly detail: string;
    }
  /** Bars that the streams did not bring came from the history. */
  | { readonly kind: "caught_up"; readonly symbol: string; readonly timeframe: Timeframe; readonly bars: number };

/** Must not throw and must not wait. */
export type ObserveVenue = (event: VenueEvent) => void;
