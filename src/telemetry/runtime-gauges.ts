import { type Timeframe, timeframeMs } from "../domain/timeframe.ts";
import type { Metrics } from "./metrics.ts";

/** How one series stands. */
export interface SeriesState {
  readonly timeframe: Timeframe;
  readonly lastBarCloseTime?: number;
  /** Why it cannot be used, where it cannot. */
  readonly whyNot?: string;
}

/** What is looked at when the metrics are asked for. Times in ms. */
export interface RuntimeState {
  readonly ready: boolean;
  readonly status: {
    readonly liveStrategies: number;
    readonly shadowStrategies: number;
    readonly rejectedStrategies: readonly unknown[];
    readonly policy?: { readonly readAt: number; readonly halted: boolean };
    readonly symbols: readonly SeriesState[];
    readonly longestQueue?: number;
    readonly lease?: { readonly role: string; readonly expiresAt?: number };
  };
  readonly wallTime: number;
  readonly marketTime: number;
  /** Bars that come late, where the feed says so. */
  readonly delays?: readonly { readonly timeframe: Timeframe; readonly lateMs: number }[];
  /** Where the feed is a venue with a weight limit. */
  readonly venue?: VenueState;
}

/** How the requests to a venue stand. */
export interface VenueState {
  readonly usedWeight: number;
  readonly requestsWaiting: number;
  readonly breaks: number;
  /** Spent since the start, by purpose. */
  readonly weights?: Readonly<Record<string, number>>;
}

/** How far this machine's clock may be from the database's. */
const LEASE_GRACE_MS = 10_000;

/** Shows, each time the metrics are asked for, how the runtime stands. */
export function watchRuntime(metrics: Metrics, look: () => RuntimeState): void {
  let breaks = 0;
  let spent: Readonly<Record<string, number>> = {};
  metrics.policyAge.remove();
  metrics.onScrape(() => {
    const { ready, status, wallTime, marketTime, delays = [], venue } = look();
    const { liveStrategies, shadowStrategies, rejectedStrategies, policy, symbols, longestQueue } = status;
    metrics.ready.set(ready ? 1 : 0);
    metrics.standby.set(isStandby(status.lease, wallTime) ? 1 : 0);
    metrics.halted.set(policy?.halted ? 1 : 0);
    if (policy !== undefined) {
      metrics.policyAge.set(Math.max(0, wallTime - policy.readAt) / 1_000);
    } else {
      metrics.policyAge.remove();
    }
    metrics.strategies.set({ status: "live" }, liveStrategies);
    metrics.strategies.set({ status: "shadow" }, shadowStrategies);
    metrics.strategies.set({ status: "rejected" }, rejectedStrategies.length);
    metrics.streamQueueDepth.set(longestQueue ?? 0);
    showSeries(metrics, symbols, marketTime);
    metrics.feedDelay.reset();
    for (const { timeframe, lateMs } of delays) {
      metrics.feedDelay.set({ timeframe }, lateMs / 1_000);
    }
    if (venue !== undefined) {
      metrics.venueUsedWeight.set(venue.usedWeight);
      metrics.venueRequestsWaiting.set(venue.requestsWaiting);
      metrics.reconnects.inc({ dependency: "venue" }, Math.max(0, venue.breaks - breaks));
      breaks = venue.breaks;
      for (const [purpose, weight] of Object.entries(venue.weights ?? {})) {
        metrics.venueWeight.inc({ purpose }, Math.max(0, weight - (spent[purpose] ?? 0)));
      }
      spent = venue.weights ?? {};
    }
  });
}

/** Where nobody has renewed the lease that was seen last, nobody may be there to wait for. */
function isStandby(lease: RuntimeState["status"]["lease"], now: number): boolean {
  return lease?.role === "standby" && now < (lease.expiresAt ?? 0) + LEASE_GRACE_MS;
}

function showSeries(metrics: Metrics, series: readonly SeriesState[], now: number): void {
  metrics.feedLag.reset();
  metrics.unavailableSeries.reset();
  for (const [timeframe, states] of Map.groupBy(series, (state) => state.timeframe)) {
    const overdue = states.flatMap(({ lastBarCloseTime }) =>
      lastBarCloseTime === undefined ? [] : now - lastBarCloseTime - timeframeMs(timeframe),
    );
    if (overdue.length > 0) {
      metrics.feedLag.set({ timeframe }, Math.max(0, ...overdue) / 1_000);
    }
    metrics.unavailableSeries.set({ timeframe }, states.filter(({ whyNot }) => whyNot !== undefined).length);
  }
}
