import { readFileSync } from "node:fs";
import { z } from "zod";
import { errorText, invalid, type Violation } from "./domain/errors.ts";
import {
  DAY_MS,
  duration,
  integer,
  isLoopback,
  list,
  number,
  parseAddress,
  type Setting,
  setting,
  text,
} from "./setting.ts";
import { strayVariables } from "./stray-variables.ts";
import { LOG_LEVELS, parseLogLevels } from "./telemetry/log-level.ts";

/** R42: what a symbol may look like. */
const SYMBOL = /^[A-Za-z0-9_\-./:]{1,64}$/;

/** The simulated exchange would make up any symbol, so its universe must be named; a replay has the symbols it has. */
const DEFAULT_SYMBOLS = "BTCUSDT,ETHUSDT,SOLUSDT";

/** The environment, one entry a variable. The tables for people are printed from here. Times in ms, sizes in USD. */
const SETTINGS = {
  grpcAddress: setting({
    variable: "GRPC_ADDRESS",
    fallback: "127.0.0.1:50051",
    must: "host:port, such as 127.0.0.1:50051 or [::1]:50051",
    meaning: "where gRPC is served, in plaintext unless TLS is set; port 0 picks a free one",
    schema: text(parseAddress),
  }),
  webAddress: setting({
    variable: "WEB_ADDRESS",
    fallback: "127.0.0.1:8080",
    must: "host:port, or off",
    meaning: "the same calls as Connect, gRPC-Web and JSON, with /metrics, /healthz and /readyz; `off` switches it off",
    schema: z.literal("off").or(text(parseAddress)),
  }),
  tlsCert: setting({
    variable: "TLS_CERT",
    fallback: null,
    must: "a PEM file, with TLS_KEY",
    meaning: "certificate chain for both addresses",
    schema: text((given) => given),
  }),
  tlsKey: setting({
    variable: "TLS_KEY",
    fallback: null,
    must: "a PEM file, with TLS_CERT",
    meaning: "its private key",
    schema: text((given) => given),
  }),
  tlsClientCa: setting({
    variable: "TLS_CLIENT_CA",
    fallback: null,
    must: "a PEM file, with TLS_CERT",
    meaning: "callers need a certificate of this authority (mTLS)",
    schema: text((given) => given),
  }),
  authTokens: setting({
    variable: "AUTH_TOKENS",
    fallback: null,
    must: "a file of lines `token principal role`",
    meaning: "callers need a token; roles: generator, controller, executor, viewer, admin",
    schema: text((given) => given),
  }),
  insecure: setting({
    variable: "INSECURE",
    fallback: "0",
    must: "0 or 1",
    meaning:
      "1 allows an address that other machines can reach without TLS and tokens: anyone there may trade and halt",
    schema: text((given) => (given === "1" ? true : given === "0" ? false : undefined)),
  }),
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
    meaning: "market seconds per second of the simulated exchange",
    schema: number((value) => value > 0 && value <= 1e6),
  }),
  replayDir: setting({
    variable: "REPLAY_DIR",
    fallback: null,
    must: "a folder",
    meaning: "CSV files named SYMBOL-TIMEFRAME.csv to replay",
    schema: text((given) => given),
    shown: "the bundled bars",
  }),
  replaySpeed: setting({
    variable: "REPLAY_SPEED",
    fallback: "3600",
    must: "a number above 0 and at most 1000000000, or max",
    meaning: "market seconds per second of a replay, or `max` for as fast as possible",
    schema: z.literal("max").or(number((value) => value > 0 && value <= 1e9)),
  }),
  symbols: setting({
    variable: "SYMBOLS",
    fallback: null,
    must: "at most 5000 different symbols of 1 to 64 of A-Z a-z 0-9 _ - . / : with commas between",
    meaning: "the universe, judged at every bar close; may be empty",
    schema: list((item) => SYMBOL.test(item), 5_000),
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
    must: "a duration from 30d, the longest cooldown, to 36500d",
    meaning:
      "decisions older than this may be dropped; cooldowns are read from those kept, so it is never shorter than they may be",
    schema: duration(30 * DAY_MS, 36_500 * DAY_MS),
  }),
  maxStreams: setting({
    variable: "MAX_STREAMS",
    fallback: "200",
    must: "a whole number from 1 to 100000",
    meaning: "streams open at once; one more is refused",
    schema: integer(1, 100_000),
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

type Settings = typeof SETTINGS;
type Value<K extends keyof Settings> = Settings[K] extends Setting<infer T> ? T : never;
type Optional = { [K in keyof Settings]: Settings[K]["fallback"] extends string ? never : K }[keyof Settings];

/** What the environment says. Names end in their unit. A value without a default is absent where it is not set. */
export type Config = { readonly [K in Exclude<keyof Settings, Optional>]: Value<K> } & {
  readonly [K in Optional]?: Value<K>;
} & {
  /** What looks like a mistake but stops nothing: for the log at start. */
  readonly warnings: readonly string[];
};

const TABLE: readonly (readonly [keyof Settings, Setting<unknown>])[] = Object.entries(SETTINGS) as never;

/**
 * Reads the environment. Fails with one `invalid` error that lists every fault: the variable, its value, what it may be.
 * A variable that is set to nothing but blanks counts as not set, except for SYMBOLS.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string = (path) => readFileSync(path, "utf8"),
): Config {
  const faults: Violation[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, entry] of TABLE) {
    const source = sourceOf(entry, env, readFile, faults);
    if (source !== null) {
      const parsed = entry.schema.safeParse(source);
      if (parsed.success) {
        values[key] = parsed.data;
      } else {
        const is = entry.isSecret ? "cannot be read (it is not shown)" : `is ${JSON.stringify(source)}`;
        faults.push({ field: entry.variable, description: `${is}, must be ${entry.must}` });
      }
    }
  }
  const config = values as unknown as Config;
  faults.push(...protectionFaults(config, env));
  if (faults.length > 0) {
    throw invalid(faults);
  }
  const symbols = config.symbols ?? (config.marketData === "replay" ? undefined : DEFAULT_SYMBOLS.split(","));
  const known = TABLE.flatMap(([, { variable, isSecret }]) => (isSecret ? [variable, `${variable}_FILE`] : [variable]));
  const set = Object.keys(env).filter((variable) => (env[variable] ?? "").trim() !== "");
  return { ...config, ...(symbols && { symbols }), warnings: strayVariables(set, known) };
}

/** The text of a setting: its variable, the file that NAME_FILE names for a secret, or the default. Null where there is none. */
function sourceOf(
  entry: Setting<unknown>,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  faults: Violation[],
): string | null {
  const given = env[entry.variable]?.trim();
  if (given !== undefined && (given !== "" || entry.emptyIsValue)) {
    return given;
  }
  const path = entry.isSecret ? env[`${entry.variable}_FILE`]?.trim() : undefined;
  if (path === undefined || path === "") {
    return entry.fallback;
  }
  try {
    return readFile(path).trim();
  } catch (error) {
    faults.push({ field: `${entry.variable}_FILE`, description: `${path} cannot be read: ${errorText(error)}` });
    return null;
  }
}

/** What would leave the service less protected than whoever set this believes. */
function protectionFaults(config: Config, env: Readonly<Record<string, string | undefined>>): Violation[] {
  const faults: Violation[] = [];
  const { tlsCert, tlsKey, tlsClientCa, authTokens } = config;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const missing = tlsCert === undefined ? SETTINGS.tlsCert.variable : SETTINGS.tlsKey.variable;
    faults.push({ field: missing, description: "is not set: TLS needs both TLS_CERT and TLS_KEY" });
  }
  if (tlsClientCa !== undefined && tlsCert === undefined) {
    faults.push({ field: SETTINGS.tlsClientCa.variable, description: "is set without TLS_CERT and TLS_KEY" });
  }
  const isProtected = tlsCert !== undefined || authTokens !== undefined || config.insecure !== false;
  for (const [variable, address] of [
    [SETTINGS.grpcAddress.variable, config.grpcAddress],
    [SETTINGS.webAddress.variable, config.webAddress],
  ] as const) {
    if (address !== undefined && address !== "off" && !isLoopback(address) && !isProtected) {
      const given = JSON.stringify(env[variable]);
      faults.push({
        field: variable,
        description: `is ${given}, which other machines can reach without TLS and without a token; listen on 127.0.0.1, set TLS_CERT and TLS_KEY or AUTH_TOKENS, or INSECURE=1 if that is meant`,
      });
    }
  }
  return faults;
}

function shownDefault(entry: Setting<unknown>): string {
  return entry.shown ?? (entry.fallback || "–");
}

/** The table for a terminal. */
export function configHelp(): string {
  const rows = TABLE.map(
    ([, entry]) =>
      `  ${entry.variable}  (default: ${shownDefault(entry)})\n      ${entry.meaning}\n      must be ${entry.must}`,
  );
  return ["Settings are environment variables, read once at start:", "", ...rows, ""].join("\n");
}

/** The table for the README. */
export function configMarkdown(): string {
  const rows = TABLE.map(([, entry]) => `| ${entry.variable} | ${shownDefault(entry)} | ${entry.meaning} |`);
  return ["| variable | default | meaning |", "|---|---|---|", ...rows, ""].join("\n");
}
