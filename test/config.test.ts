import { describe, expect, it } from "vitest";
import { configHelp, configMarkdown, readConfig } from "../src/config.ts";
import { RuntimeError } from "../src/domain/errors.ts";

function faultsOf(env: Record<string, string>): Record<string, string> {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof RuntimeError && error.code === "invalid") {
      return Object.fromEntries(error.violations.map((violation) => [violation.field, violation.description]));
    }
    throw error;
  }
  return {};
}

describe("readConfig", () => {
  it("answers the defaults where nothing is set", () => {
    expect(readConfig({})).toEqual({
      webAddress: { host: "127.0.0.1", port: 8080 },
      binanceRestUrl: "https://data-api.binance.vision",
      binanceWsUrl: "wss://data-stream.binance.vision",
      marketDataCacheTtlMs: 60_000,
      grpcAddress: { host: "127.0.0.1", port: 50051 },
      insecure: false,
      readableSecrets: false,
      dataDir: "./.data",
      marketData: "simulated",
      simulatedSeed: 1,
      simulatedSpeed: 60,
      replaySpeed: 3600,
      symbols: ["BTCUSDT", "ETHUSDT", "SOLUSDT"],
      refreshIntervalMs: 300_000,
      policyMaxAgeMs: 10_000,
      barGraceMs: 10_000,
      barWaitMs: 500,
      evaluators: [],
      webCorsOrigins: [],
      webHosts: [],
      journalRetentionMs: 30 * 86_400_000,
      leaseTtlMs: 3_000,
      maxStreams: 200,
      keptStreams: 100,
      streamsPerCaller: 50,
      callsPerCaller: 100,
      ordersPerCaller: 100,
      bytesPerCaller: 32 * 1024 ** 2,
      processorPerCallerMs: 20_000,
      maxConnections: 1_000,
      maxConnectionsPerAddress: 250,
      maxBytesInFlight: 64 * 1024 ** 2,
      maxExtraSymbols: 100,
      streamQueue: 4096,
      logLevels: { level: "info", modules: {} },
      logFormat: "auto",
      shutdownGraceMs: 5_000,
      warnings: [],
    });
  });

  it("reads every variable", () => {
    const config = readConfig({
      GRPC_ADDRESS: "[::1]:0",
      DATA_DIR: "memory",
      MARKET_DATA: "replay",
      REPLAY_DIR: "bars",
      REPLAY_SPEED: "max",
      SIMULATED_SEED: "42",
      SIMULATED_SPEED: "0.5",
      SYMBOLS: " BTC/USD , ETH:PERP ",
      REFRESH_INTERVAL: "2h",
      POLICY_MAX_AGE: "1500ms",
      BAR_GRACE: "0s",
      BAR_WAIT: "1s",
      PRICE_MAX_AGE: "1m",
      EVALUATORS: "./a.ts,./b.ts",
      WEB_CORS_ORIGINS: "https://desk.example, http://localhost:3000",
      WEB_HOSTS: "desk.example, my_engine",
      PROBE_ADDRESS: "0.0.0.0:9464",
      MAX_POSITION_SIZE_USD: "25000.5",
      LEASE_TTL: "5s",
      ADVERTISED_ADDRESS: "engine-1.example:50051",
      JOURNAL_RETENTION: "365d",
      MAX_STREAMS: "7",
      KEPT_STREAMS: "0",
      STREAMS_PER_CALLER: "3",
      CALLS_PER_CALLER: "4",
      ORDERS_PER_CALLER: "5",
      BYTES_PER_CALLER: "2MiB",
      PROCESSOR_PER_CALLER: "1500ms",
      MAX_BYTES_IN_FLIGHT: "1GiB",
      MAX_EXTRA_SYMBOLS: "0",
      STREAM_QUEUE: "1",
      LOG_LEVEL: "warn,engine=debug,rpc=off",
      LOG_FORMAT: "pretty",
      SHUTDOWN_GRACE: "10s",
    });
    expect(config).toMatchObject({
      grpcAddress: { host: "::1", port: 0 },
      dataDir: "memory",
      marketData: "replay",
      replayDir: "bars",
      replaySpeed: "max",
      simulatedSeed: 42,
      simulatedSpeed: 0.5,
      symbols: ["BTC/USD", "ETH:PERP"],
      refreshIntervalMs: 7_200_000,
      policyMaxAgeMs: 1_500,
      barGraceMs: 0,
      barWaitMs: 1_000,
      evaluators: ["./a.ts", "./b.ts"],
      webCorsOrigins: ["https://desk.example", "http://localhost:3000"],
      webHosts: ["desk.example", "my_engine"],
      probeAddress: { host: "0.0.0.0", port: 9464 },
      maxPositionSizeUsd: 25_000.5,
      journalRetentionMs: 365 * 86_400_000,
      leaseTtlMs: 5_000,
      advertisedAddress: "engine-1.example:50051",
      maxStreams: 7,
      keptStreams: 0,
      streamsPerCaller: 3,
      callsPerCaller: 4,
      ordersPerCaller: 5,
      bytesPerCaller: 2 * 1024 ** 2,
      processorPerCallerMs: 1_500,
      maxBytesInFlight: 1024 ** 3,
      maxExtraSymbols: 0,
      streamQueue: 1,
      logLevels: { level: "warn", modules: { engine: "debug", rpc: "off" } },
      logFormat: "pretty",
      shutdownGraceMs: 10_000,
    });
  });

  it("takes a blank variable as not set, but an empty SYMBOLS as no symbols", () => {
    const config = readConfig({ MAX_STREAMS: " ", DATA_DIR: "", SYMBOLS: "" });
    expect(config).toMatchObject({ maxStreams: 200, dataDir: "./.data", symbols: [] });
  });

  it("takes symbols of any script, in Unicode's composed form however they were typed", () => {
    expect(readConfig({ SYMBOLS: "BTCUSDT,币安人生USDT,CAFE\u0301" }).symbols).toEqual([
      "BTCUSDT",
      "币安人生USDT",
      "CAF\u00c9",
    ]);
    expect(faultsOf({ SYMBOLS: "CAFE\u0301,CAF\u00c9" })).toHaveProperty("SYMBOLS");
  });

  it("leaves the symbols of a replay to what its folder has", () => {
    expect(readConfig({ MARKET_DATA: "replay" })).not.toHaveProperty("symbols");
    expect(readConfig({ MARKET_DATA: "replay", SYMBOLS: "AAPL" }).symbols).toEqual(["AAPL"]);
  });

  it.each([
    ["2018-01-01", "2018-01-01T00:00:00Z"],
    ["2018-01-01T12:30Z", "2018-01-01T12:30:00Z"],
    ["2018-01-01 12:30", "2018-01-01T12:30:00Z"],
    ["2018-01-01T12:30:15+01:00", "2018-01-01T11:30:15Z"],
  ])("takes %s as the start of a replay", (given, time) => {
    expect(readConfig({ REPLAY_FROM: given }).replayFrom).toBe(Date.parse(time));
  });

  it.each(["2018", "2018-02-30", "01/02/2018", "2018-01-01T25:00Z", "1514764800000", "yesterday"])(
    "refuses %s as the start of a replay",
    (given) => {
      expect(faultsOf({ REPLAY_FROM: given }).REPLAY_FROM).toBe(
        `is "${given}", must be a day such as 2018-01-01, or a time such as 2018-01-01T12:00Z; without a zone it is UTC`,
      );
    },
  );

  it("warns of the settings of a replay where there is none", () => {
    expect(readConfig({ REPLAY_DIR: "bars" }).warnings).toEqual([
      "REPLAY_DIR is not used: MARKET_DATA is simulated, not replay",
    ]);
    expect(readConfig({ REPLAY_DIR: "bars", MARKET_DATA: "replay" }).warnings).toEqual([]);
  });

  it("lists all faults together, each with the variable, its value and what it may be", () => {
    const faults = faultsOf({ MAX_STREAMS: "0", BAR_WAIT: "500", MARKET_DATA: "nyse", SYMBOLS: "BTCUSDT,BTCUSDT" });
    expect(Object.keys(faults).sort()).toEqual(["BAR_WAIT", "MARKET_DATA", "MAX_STREAMS", "SYMBOLS"]);
    expect(faults.MAX_STREAMS).toBe('is "0", must be a whole number from 1 to 100000');
    expect(faults.MARKET_DATA).toBe('is "nyse", must be simulated, replay or binance');
    expect(() => readConfig({ MAX_STREAMS: "0", BAR_WAIT: "500" })).toThrow(/BAR_WAIT: .*; MAX_STREAMS: /);
  });

  it.each([
    ["REFRESH_INTERVAL", ["5", "5 m", "-5m", "1.5m", "5w", "999ms", "25h", "5M", "NaN", "Infinitys"]],
    ["JOURNAL_RETENTION", ["1h", "23h", "36501d"]],
    ["SIMULATED_SPEED", ["0", "-1", "1e3", "NaN", "Infinity", "max", "1000001", "0x10"]],
    ["SIMULATED_SEED", ["-1", "1.5", "4294967296"]],
    ["REPLAY_SPEED", ["0", "fast", "MAX"]],
    ["GRPC_ADDRESS", ["50051", ":50051", "localhost", "127.0.0.1:65536", "::1:50051", "http://localhost:1", "a b:1"]],
    ["SYMBOLS", ["BTC USDT", "BTC,,ETH", "BTC,", "BTC€", "X".repeat(65)]],
    [
      "WEB_CORS_ORIGINS",
      ["desk.example", "https://desk.example/", "ftp://desk.example", "https://desk.example:443", "null"],
    ],
    ["PROBE_ADDRESS", ["9464", "off", ":1"]],
    ["WEB_HOSTS", ["desk.example:8080", "https://desk.example", "*", "*.example", "a..b", "[::1]", "a,a"]],
    ["EVALUATORS", ["./a.ts,,./b.ts", "./a.ts,./a.ts"]],
    ["MAX_POSITION_SIZE_USD", ["0", "-5", "1,000"]],
    ["LOG_LEVEL", ["loud", "info,debug", "engine=", "=info", "engine=info,engine=debug", "a=b=c", "info,"]],
    ["LOG_FORMAT", ["xml"]],
    ["READABLE_SECRETS", ["yes", "2"]],
    ["INSECURE", ["yes", "true", "2"]],
  ])("refuses a %s that it cannot read", (variable, texts) => {
    for (const text of texts) {
      expect(faultsOf({ [variable]: text }), `${variable}=${text}`).toHaveProperty(variable);
    }
  });

  it("refuses an address that other machines can reach, unless INSECURE=1", () => {
    for (const address of [
      "0.0.0.0:50051",
      "[::]:50051",
      "192.168.0.7:1",
      "[::ffff:10.0.0.1]:1",
      "example.org:1",
      "128.0.0.1:1",
    ]) {
      expect(faultsOf({ GRPC_ADDRESS: address }).GRPC_ADDRESS, address).toContain("INSECURE=1");
      expect(readConfig({ GRPC_ADDRESS: address, INSECURE: "1" }).insecure).toBe(true);
    }
    for (const address of ["127.0.0.1:1", "127.1.2.3:1", "localhost:1", "[::1]:1", "[::ffff:127.0.0.1]:1"]) {
      expect(faultsOf({ GRPC_ADDRESS: address }), address).toEqual({});
    }
  });

  it("reads secrets from files too, and never shows one", () => {
    const read = () => "postgres://u:secret@h/d\n";
    expect(readConfig({ DATABASE_URL_FILE: "/run/db" }, read).databaseUrl).toBe("postgres://u:secret@h/d");
    const faults = faultsOf({ DATABASE_URL: "mysql://u:secret@h/d", REDIS_URL_FILE: "/nowhere/at/all" });
    expect(Object.keys(faults).sort()).toEqual(["DATABASE_URL", "REDIS_URL_FILE"]);
    expect(JSON.stringify(faults)).not.toContain("u:secret");
    expect(faults.REDIS_URL_FILE).toMatch(/^the file named .* cannot be read \(ENOENT\)/);
    expect(faultsOf({ DATABASE_URL: "" })).toEqual({});
  });

  it("never quotes a secret that was put into the wrong variable", () => {
    const secrets = [
      "redis://:hunter2hunter2@host:6379",
      "postgres://user:p/w@rd@host/db?sslpassword=hunter2",
      "https://hooks.example/services/T1/B2/abcdefgh",
      "kGq3vX81mZpQ7wLr",
      "/kGq3vX81mZpQ7wLr/x",
      "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n-----END PRIVATE KEY-----",
    ];
    const parts = /hunter2|p\/w|abcdefgh|kGq3vX81mZpQ7wLr|MIIEvQIBADANBgkq/;
    const variables = ["GRPC_ADDRESS", "LEASE_TTL", "BINANCE_REST_URL", "MARKET_DATA", "LOG_LEVEL", "SYMBOLS"];
    for (const secret of secrets) {
      for (const variable of [...variables, "DATABASE_URL", "DATABASE_URL_FILE", "REDIS_URL_FILE"]) {
        expect(JSON.stringify(faultsOf({ [variable]: secret })), `${variable}=${secret}`).not.toMatch(parts);
      }
    }
  });

  it("refuses half a protection", () => {
    expect(faultsOf({ TLS_CERT: "c.pem" })).toHaveProperty("TLS_KEY");
    expect(faultsOf({ TLS_KEY: "k.pem" })).toHaveProperty("TLS_CERT");
    expect(faultsOf({ TLS_CLIENT_CA: "ca.pem" })).toHaveProperty("TLS_CLIENT_CA");
    expect(faultsOf({ WEB_ADDRESS: "0.0.0.0:8080" })).toHaveProperty("WEB_ADDRESS");
    expect(faultsOf({ TLS_CLIENTS: "c.txt", TLS_CERT: "c", TLS_KEY: "k" })).toHaveProperty("TLS_CLIENTS");
    const tls = { TLS_CERT: "c", TLS_KEY: "k" };
    for (const env of [{ ...tls, TLS_CLIENT_CA: "ca" }, { AUTH_TOKENS: "t" }, { INSECURE: "1" }]) {
      expect(faultsOf({ GRPC_ADDRESS: "0.0.0.0:1", WEB_ADDRESS: "0.0.0.0:2", ...env })).toEqual({});
    }
    expect(readConfig({ WEB_ADDRESS: "off" }).webAddress).toBe("off");
  });

  it("takes TLS for no identity: an address that others reach needs tokens or client certificates", () => {
    const faults = faultsOf({ GRPC_ADDRESS: "0.0.0.0:1", TLS_CERT: "c", TLS_KEY: "k" });
    expect(faults.GRPC_ADDRESS).toContain("without a token or a client certificate");
  });

  it("warns where tokens would be sent in plaintext to an address that others reach", () => {
    const env = { GRPC_ADDRESS: "0.0.0.0:1", AUTH_TOKENS: "t" };
    expect(readConfig(env).warnings).toEqual([expect.stringMatching(/plaintext.*GRPC_ADDRESS.*TLS_CERT/)]);
    expect(readConfig({ ...env, TLS_CERT: "c", TLS_KEY: "k" }).warnings).toEqual([]);
    expect(readConfig({ AUTH_TOKENS: "t" }).warnings).toEqual([]);
  });

  it("refuses protections that are set to nothing, or that there are not", () => {
    const empty = ["AUTH_TOKENS", "TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA", "TLS_CLIENTS"];
    for (const name of [...empty, "DATABASE_URL_FILE", "REDIS_URL_FILE"]) {
      for (const text of ["", " "]) {
        expect(faultsOf({ [name]: text })[name], name).toContain("is set to nothing");
      }
    }
    for (const name of ["TLS_CERTS", "TLS_CA", "AUTH_TOKEN", "AUTH_TOKENS_FILE", "TLS_KEY_FILE", "SYMBOLS_FILE"]) {
      expect(faultsOf({ [name]: "x" })[name], name).toMatch(/^is no setting: there are/);
    }
    expect(faultsOf({ SSL_CERT_FILE: "x", POSTGRES_PASSWORD_FILE: "x", AUTH_PORT: "x" })).toEqual({});
  });

  it("lets pages of any origin call only where they need a token", () => {
    expect(faultsOf({ WEB_CORS_ORIGINS: "*" }).WEB_CORS_ORIGINS).toContain("AUTH_TOKENS");
    expect(faultsOf({ WEB_CORS_ORIGINS: "*", INSECURE: "1" })).toHaveProperty("WEB_CORS_ORIGINS");
    expect(faultsOf({ WEB_CORS_ORIGINS: "*", AUTH_TOKENS: "t" })).toEqual({});
  });

  it("warns of a misspelt variable with the name that is meant, and of no other", () => {
    const { warnings } = readConfig({
      SYMBOL: "A",
      GRPC_ADRESS: "x",
      log_level: "debug",
      PATH: "/bin",
    });
    expect(warnings.map((warning) => /^(\w+) .* is (\w+) meant\?$/.exec(warning)?.slice(1))).toEqual([
      ["SYMBOL", "SYMBOLS"],
      ["GRPC_ADRESS", "GRPC_ADDRESS"],
      ["log_level", "LOG_LEVEL"],
    ]);
    const common = ["PATH", "HOME", "USER", "SHELL", "LANG", "TERM", "PWD", "CI", "NODE_ENV", "LS_COLORS", "HOSTNAME"];
    expect(readConfig(Object.fromEntries(common.map((name) => [name, "x"]))).warnings).toEqual([]);
  });
});

describe("the tables for people", () => {
  it("name every variable that readConfig reads, with its default", () => {
    const named = [...configMarkdown().matchAll(/^\| ([A-Z_]+) \|/gm)].map((match) => match[1]);
    // Every variable refuses some text: that proves it is read. Folders take any text, so they are
    // checked by their value.
    const read = named.filter((name) => Object.keys(faultsOf({ [name ?? ""]: "\u0000,," })).includes(name ?? ""));
    expect(named.filter((name) => !read.includes(name))).toEqual([
      "TLS_CERT",
      "TLS_KEY",
      "AUTH_TOKENS",
      "DATA_DIR",
      "REPLAY_DIR",
    ]);
    expect(named.length).toBeGreaterThan(20);
    for (const name of named) {
      expect(configHelp()).toContain(`  ${name}  (default: `);
    }
    expect(configMarkdown()).toContain("| GRPC_ADDRESS | 127.0.0.1:50051 | ");
  });
});
