import { z } from "zod";
import { isSymbol } from "../domain/symbol.ts";
import { LOG_LEVELS, parseLogLevels } from "../telemetry/log-level.ts";
import { BUDGET_SETTINGS } from "./budget-settings.ts";
import { CALLER_SETTINGS } from "./caller-settings.ts";
import { DAY_MS, duration, integer, list, number, parseAddress, parseTime, setting, size, text } from "./setting.ts";

/**
 * The simulated exchange would make up any symbol, so its universe must be named; a replay has the
 * symbols it has.
 */
export const DEFAULT_SYMBOLS = "BTCUSDT,ETHUSDT,SOLUSDT";

/**
 * The environment, one entry a variable. The tables for people are printed from here. Times in ms,
 * sizes in USD.
 */
export const SETTINGS = {
  ...CALLER_SETTINGS,
  dataDir: setting({
    variable: "DATA_DIR",
    fallback: "./.data",
    must: "a folder, or memory",
    meaning: "folder of the embedded database; `memory` keeps nothing",
    schema: text((given) => given),
  }),
  databaseUrl: setting({
    variable: "DATABASE_URL",
    fallback: null,
    must: "postgres://user:password@host:port/database",
    meaning:
      "PostgreSQL for strategies, decisions, positions and policy; without it they are in DATA_DIR; or DATABASE_URL_FILE, a path to read it from",
    schema: text((given) => (/^postgres(ql)?:\/\//.test(given) ? given : undefined)),
    isSecret: true,
  }),
  leaseTtlMs: setting({
    variable: "LEASE_TTL",
    fallback: "3s",
    must: "a duration from 1s to 1m, such as 3s",
    meaning:
      "how long the lease on DATABASE_URL holds after it was renewed last: so long after a crash, another service on it takes over",
    schema: duration(1_000, 60_000),
  }),
  advertisedAddress: setting({
    variable: "ADVERTISED_ADDRESS",
    fallback: null,
    must: "host:port, such as engine-1.example:50051",
    meaning: "where a service that waits for the lease sends its callers; this machine's name and gRPC port by default",
    schema: text((given) => (parseAddress(given) === undefined ? undefined : given)),
  }),
  redisUrl: setting({
    variable: "REDIS_URL",
    fallback: null,
    must: "redis://host:port, or rediss://",
    meaning: "the policy is in Redis under `global:*`; without it, in the database; or REDIS_URL_FILE",
    schema: text((given) => (/^rediss?:\/\//.test(given) ? given : undefined)),
    isSecret: true,
  }),
  marketData: setting({
    variable: "MARKET_DATA",
    fallback: "simulated",
    must: "simulated, replay or binance",
    meaning: "where bars and prices come from: a simulated exchange, bars from files, or Binance",
    schema: z.enum(["simulated", "replay", "binance"]),
  }),
  binanceRestUrl: setting({
    variable: "BINANCE_REST_URL",
    fallback: "https://data-api.binance.vision",
    must: "http:// or https://",
    meaning: "Binance, or any server that speaks the same",
    schema: text((given) => (/^https?:\/\//.test(given) ? given : undefined)),
  }),
  binanceWsUrl: setting({
    variable: "BINANCE_WS_URL",
    fallback: "wss://data-stream.binance.vision",
    must: "ws:// or wss://",
    meaning: "its streams",
    schema: text((given) => (/^wss?:\/\//.test(given) ? given : undefined)),
  }),
  marketDataCacheTtlMs: setting({
    variable: "MARKET_DATA_CACHE_TTL",
    fallback: "60s",
    must: "a duration from 0s to 1d, such as 60s",
    meaning: "how long answers of Binance's history are reused",
    schema: duration(0),
  }),
  simulatedSeed: setting({
    variable: "SIMULATED_SEED",
    fallback: "1",
    must: "a whole number from 0 to 4294967295",
    meaning: "equal seeds give equal bars",
    schema: integer(0, 2 ** 32 - 1),
  }),
  simulatedSpeed: setting({
    variable: "SIMULATED_SPEED",
    fallback: "60",
    must: "a number above 0 and at most 1000000",
    meaning: "market seconds per second of the simulated exchange; it waits while a close is judged, and catches up",
    schema: number((value) => value > 0 && value <= 1e6),
  }),
  replayDir: setting({
    variable: "REPLAY_DIR",
    fallback: null,
    must: "a folder",
    meaning: "files of bars to replay, in the layouts that data/README.md names",
    schema: text((given) => given),
    shown: "the bundled bars",
  }),
  replayFrom: setting({
    variable: "REPLAY_FROM",
    fallback: null,
    must: "a day such as 2018-01-01, or a time such as 2018-01-01T12:00Z; without a zone it is UTC",
    meaning: "market time at which a replay begins to judge; the bars before it are history",
    schema: text(parseTime),
    shown: "a fifth of the time that the symbols have in common",
  }),
  replaySpeed: setting({
    variable: "REPLAY_SPEED",
    fallback: "3600",
    must: "a number above 0 and at most 1000000000, or max",
    meaning: "market seconds per second of a replay at most, or `max`; the decisions are the same at any speed",
    schema: z.literal("max").or(number((value) => value > 0 && value <= 1e9)),
  }),
  symbols: setting({
    variable: "SYMBOLS",
    fallback: null,
    must: "at most 5000 different symbols of 1 to 64 letters and digits of any script or _ - . / : with commas between",
    meaning: "the universe, judged at every bar close; may be empty",
    // What a file or a terminal gives may have its letters in parts; it names the same symbol
    // (R42).
    schema: z
      .string()
      .transform((given) => given.normalize("NFC"))
      .pipe(list(isSymbol, 5_000)),
    shown: `${DEFAULT_SYMBOLS}; with replay, all that REPLAY_DIR has`,
    emptyIsValue: true,
  }),
  refreshIntervalMs: setting({
    variable: "REFRESH_INTERVAL",
    fallback: "5m",
    must: "a duration from 1s to 1d, such as 5m",
    meaning: "longest time between two reloads of strategies; changes made here are in force at once besides",
    schema: duration(1_000),
  }),
  policyMaxAgeMs: setting({
    variable: "POLICY_MAX_AGE",
    fallback: "10s",
    must: "a duration from 1s to 1d, such as 10s",
    meaning: "how long a policy that was read may be used; later there are no decisions (R29)",
    schema: duration(1_000),
  }),
  barGraceMs: setting({
    variable: "BAR_GRACE",
    fallback: "10s",
    must: "a duration from 0s to 1d, such as 10s",
    meaning: "how long after its close a bar may come and still be judged (R7); market time",
    schema: duration(0),
  }),
  barWaitMs: setting({
    variable: "BAR_WAIT",
    fallback: "500ms",
    must: "a duration from 0ms to 1d, such as 500ms",
    meaning: "how long a sweep at a bar's close waits for the last symbols before it judges those that are there",
    schema: duration(0),
  }),
  priceMaxAgeMs: setting({
    variable: "PRICE_MAX_AGE",
    fallback: null,
    must: "a duration from 1ms to 1d, such as 60s",
    meaning: "how old the price of a one-shot call may be (R24); market time",
    schema: duration(1),
    shown: "60s; with replay, as long as the longest bars recorded",
  }),
  otelEndpoint: setting({
    variable: "OTEL_EXPORTER_OTLP_ENDPOINT",
    fallback: null,
    must: "http:// or https://",
    meaning:
      "traces go to this receiver of OTLP over HTTP; other OTEL_EXPORTER_OTLP_*, OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES count too",
    schema: text((given) => (/^https?:\/\//.test(given) ? given : undefined)),
  }),
  evaluators: setting({
    variable: "EVALUATORS",
    fallback: "",
    must: "module paths, each once, with commas between",
    meaning: "modules whose default export is a custom signal evaluator, asked in this order",
    schema: list((item) => item !== "", 100),
  }),
  maxPositionSizeUsd: setting({
    variable: "MAX_POSITION_SIZE_USD",
    fallback: null,
    must: "a number above 0",
    meaning: "a strategy with a larger base size is refused; a computed size is cut to it and says so (R23)",
    schema: number((value) => value > 0),
  }),
  journalRetentionMs: setting({
    variable: "JOURNAL_RETENTION",
    fallback: "30d",
    must: "a duration from 1d, the longest timeframe, to 36500d",
    meaning:
      "decisions older than this may be dropped; the newest of a strategy on a symbol is kept for 30 d, the longest cooldown",
    schema: duration(DAY_MS, 36_500 * DAY_MS),
  }),
  ...BUDGET_SETTINGS,
  maxBytesInFlight: setting({
    variable: "MAX_BYTES_IN_FLIGHT",
    fallback: "64MiB",
    must: "a size from 32MiB to 64GiB, such as 64MiB",
    meaning:
      "bytes of requests that are received, unpacked, decoded or worked on at once, on all connections; one that is too many is refused, with when to try again",
    schema: size(32 * 1024 ** 2, 64 * 1024 ** 3),
  }),
  maxExtraSymbols: setting({
    variable: "MAX_EXTRA_SYMBOLS",
    fallback: "100",
    must: "a whole number from 0 to 5000",
    meaning:
      "symbols beyond SYMBOLS that open follow streams may name, all together; they are judged while a stream names them, and sent to nobody else",
    schema: integer(0, 5_000),
  }),
  streamQueue: setting({
    variable: "STREAM_QUEUE",
    fallback: "4096",
    must: "a whole number from 1 to 1000000",
    meaning: "messages queued for a slow reader before its stream is ended with a resume token",
    schema: integer(1, 1_000_000),
  }),
  logLevels: setting({
    variable: "LOG_LEVEL",
    fallback: "info",
    must: `one of ${LOG_LEVELS.join(", ")}, and others for single modules after it: info,engine=debug`,
    meaning: "how much is logged; `info,engine=debug` sets single modules",
    schema: text(parseLogLevels),
  }),
  logFormat: setting({
    variable: "LOG_FORMAT",
    fallback: "auto",
    must: "json, pretty or auto",
    meaning: "`auto` is pretty on a terminal and json elsewhere",
    schema: z.enum(["json", "pretty", "auto"]),
  }),
  shutdownGraceMs: setting({
    variable: "SHUTDOWN_GRACE",
    fallback: "5s",
    must: "a duration from 0s to 1d, such as 5s",
    meaning: "how long calls may take to finish after SIGTERM or SIGINT",
    schema: duration(0),
  }),
};
