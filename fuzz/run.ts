import { setTimeout as wait } from "node:timers/promises";
import { type Carrier, callOf, RPCS } from "./call.ts";
import { someDecisions } from "./groundwork.ts";
import { grpcSender } from "./grpc-sender.ts";
import { memoryFault, memoryText } from "./memory-limit.ts";
import { rawSender } from "./raw-sender.ts";
import type { Sender } from "./sender.ts";
import { Tally } from "./tally.ts";
import { type Memory, startWatched, type WatchedService } from "./watched-service.ts";
import { webSender } from "./web-sender.ts";

export interface FuzzOptions {
  readonly seed: number;
  readonly calls: number;
  /** Number of the first call. */
  readonly from?: number;
  /** Ends earlier after this time, ms. */
  readonly forMs?: number;
  /** Calls under way at once. */
  readonly inFlight?: number;
  /** Ends earlier once it aborts; what was found until then is told. */
  readonly signal?: AbortSignal;
  /** Hears now and then how far the run is. */
  readonly onProgress?: (text: string) => void;
}

export interface FuzzReport {
  readonly calls: number;
  readonly seconds: number;
  /** What the service is at fault for; empty is what a run is for. */
  readonly faults: readonly string[];
  /** For people: calls by rpc and by code, and memory. */
  readonly text: string;
}

/** Of the calls, those after which the service has what it keeps. */
const WARM_UP = 0.1;
const PROGRESS_MS = 10_000;
/** So long after the last call, the service must be ready again, and memory is let go of. */
const SETTLE_MS = 3_000;
/**
 * Fewer calls may leave an rpc unserved by chance: most calls are odd, and some rpcs serve one in
 * twenty.
 */
const CALLS_THAT_PROVE = 20_000;

/** Sends calls to a service of its own and says what it is at fault for. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  await using service = await startWatched();
  const senders: Readonly<Record<Carrier, Sender>> = sendersFor(service);
  const tally = new Tally();
  const decisionIds = await someDecisions(service.grpcAddress);
  const start = performance.now();
  const watching = setInterval(() => options.onProgress?.(progress(tally, start)), PROGRESS_MS);
  try {
    const warmUp = Math.ceil(options.calls * WARM_UP);
    const scene = { service, senders, tally, decisionIds, start };
    await sendAll(scene, { ...options, calls: warmUp });
    const before = await measured(service);
    const from = (options.from ?? 0) + warmUp;
    await sendAll(scene, { ...options, from, calls: options.calls - warmUp });
    const seconds = (performance.now() - start) / 1_000;
    const after = await measured(service);
    const faults = [
      ...tally.faults(),
      ...(await serviceFaults(service)),
      ...memoryFault(before, after),
      ...(tally.calls < CALLS_THAT_PROVE ? [] : tally.neverServed(RPCS)).map((rpc) => `${rpc} was never served`),
    ];
    const text = [tally.text(), memoryText(before, after)].join("\n");
    return { calls: tally.calls, seconds, faults, text };
  } finally {
    clearInterval(watching);
    for (const sender of Object.values(senders)) {
      sender.close();
    }
  }
}

function sendersFor({ grpcAddress, webAddress }: WatchedService): Readonly<Record<Carrier, Sender>> {
  const web = webSender(webAddress);
  return {
    gRPC: grpcSender(grpcAddress),
    "Connect JSON": web,
    "Connect binary": web,
    "gRPC-Web": web,
    "raw gRPC port": rawSender(grpcAddress),
    "raw web port": rawSender(webAddress),
  };
}

interface Scene {
  readonly service: WatchedService;
  readonly senders: Readonly<Record<Carrier, Sender>>;
  readonly tally: Tally;
  readonly decisionIds: readonly string[];
  readonly start: number;
}

async function sendAll(
  { service, senders, tally, decisionIds, start }: Scene,
  { seed, from = 0, calls, inFlight = 64, forMs = Number.POSITIVE_INFINITY, signal }: FuzzOptions,
): Promise<void> {
  let next = from;
  const lane = async (): Promise<void> => {
    const isOver = () => service.end !== undefined || signal?.aborted || performance.now() - start >= forMs;
    while (next < from + calls && !isOver()) {
      const call = callOf(seed, next++, decisionIds);
      tally.add(call, await senders[call.carrier].send(call));
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

export interface Measured extends Memory {
  readonly decisions: number;
}

async function measured(service: WatchedService): Promise<Measured | undefined> {
  if (service.end !== undefined) {
    return undefined;
  }
  await wait(SETTLE_MS);
  return { ...(await service.memory()), decisions: await service.decisions() };
}

async function serviceFaults(service: WatchedService): Promise<readonly string[]> {
  if (service.end !== undefined) {
    return [service.end, ...service.suspects];
  }
  const unready = await service.unready();
  return [...service.suspects, ...(unready === undefined ? [] : [`not ready after the last call: ${unready}`])];
}

function progress(tally: Tally, start: number): string {
  const seconds = (performance.now() - start) / 1_000;
  const rate = `${tally.calls} calls, ${Math.round(tally.calls / seconds)} a second`;
  return [rate, ...tally.faults()].join("\n  ");
}
