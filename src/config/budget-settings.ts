import { duration, integer, setting, size } from "./setting.ts";

const MINUTE_MS = 60_000;

/**
 * What may be used at once. A caller is a principal or, where there are no tokens and certificates,
 * an address. Programs on this machine that need no token have no budgets.
 */
export const BUDGET_SETTINGS = {
  maxStreams: setting({
    variable: "MAX_STREAMS",
    fallback: "200",
    must: "a whole number from 1 to 100000",
    meaning: "streams open at once, of all callers, watches of health and reflection included; one more is refused",
    schema: integer(1, 100_000),
  }),
  keptStreams: setting({
    variable: "KEPT_STREAMS",
    fallback: "100",
    must: "a whole number from 0 to 100000",
    meaning:
      "of MAX_STREAMS, places for GenerateSignals alone, so that watchers keep no executor out; never more than half of them",
    schema: integer(0, 100_000),
  }),
  streamsPerCaller: setting({
    variable: "STREAMS_PER_CALLER",
    fallback: "50",
    must: "a whole number from 1 to 100000",
    meaning:
      "streams that one caller may have open; a caller is a principal or, without tokens and certificates, an address; programs on this machine that need no token are not limited, here and below",
    schema: integer(1, 100_000),
  }),
  callsPerCaller: setting({
    variable: "CALLS_PER_CALLER",
    fallback: "100",
    must: "a whole number from 1 to 100000",
    meaning: "calls that one caller may have under way, beside streams and orders",
    schema: integer(1, 100_000),
  }),
  ordersPerCaller: setting({
    variable: "ORDERS_PER_CALLER",
    fallback: "100",
    must: "a whole number from 1 to 100000",
    meaning:
      "orders that one caller may have under way: changes of the policy, of the status of a strategy, and reports of positions; nothing else that it does counts against them",
    schema: integer(1, 100_000),
  }),
  bytesPerCaller: setting({
    variable: "BYTES_PER_CALLER",
    fallback: "32MiB",
    must: "a size from 1MiB to 64GiB, such as 32MiB",
    meaning:
      "bytes of requests that one caller may have in flight, of MAX_BYTES_IN_FLIGHT; those of its orders count apart",
    schema: size(1024 ** 2, 64 * 1024 ** 3),
  }),
  processorPerCallerMs: setting({
    variable: "PROCESSOR_PER_CALLER",
    fallback: "20s",
    must: "a duration from 100ms to 1m, such as 20s",
    meaning:
      "processor time a minute that one caller may use for Evaluate, one-shot GenerateSignals, lists, performance, batches, reloads and /metrics, and as much again for opening streams; 1m is all there is",
    schema: duration(100, MINUTE_MS),
  }),
};
