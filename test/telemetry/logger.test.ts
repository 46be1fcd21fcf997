import { describe, expect, it } from "vitest";
import { type LogLevels, parseLogLevels } from "../../src/telemetry/log-level.ts";
import { createLog, type LogOptions } from "../../src/telemetry/logger.ts";

function capture(options: Partial<LogOptions> = {}) {
  const lines: string[] = [];
  const levels: LogLevels = { level: "info", modules: {} };
  const log = createLog({
    levels,
    format: "json",
    destination: { write: (line: string) => lines.push(line) },
    ...options,
  });
  return { log, lines, records: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

describe("createLog", () => {
  it("writes one JSON object a line with level, time and module", () => {
    const { log, lines, records } = capture();
    log("engine").info({ symbol: "BTCUSDT" }, "judged");
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/\n$/);
    expect(records()[0]).toEqual({
      level: "info",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      module: "engine",
      symbol: "BTCUSDT",
      msg: "judged",
    });
  });

  it("has a level for all and others for single modules", () => {
    const { log, records } = capture({ levels: { level: "warn", modules: { engine: "debug", rpc: "off" } } });
    log("engine").debug("a");
    log("rpc").fatal("b");
    log("other").info("c");
    log("other").warn("d");
    expect(records().map((record) => record.msg)).toEqual(["a", "d"]);
  });

  it("logs an error with its cause", () => {
    const { log, records } = capture();
    log("engine").error({ err: new Error("no policy", { cause: new Error("connection refused") }) }, "fault");
    expect(JSON.stringify(records()[0]?.err)).toContain("connection refused");
  });

  it.each(["json", "pretty"] as const)("shows no secrets, in fields nor in text, as %s", (format) => {
    const { log, lines } = capture({ format });
    const logger = log("app");
    logger.info({ token: "s3cret", client: { password: "s3cret" } }, "connect postgres://user:s3cret@host/db");
    logger.error({ err: new Error("redis://:s3cret@host failed, authorization: Bearer s3cret") }, "fault");
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.join("")).not.toContain("s3cret");
    expect(lines.join("")).toContain("postgres://[redacted]@host/db");
  });

  it("is readable as pretty: time, level, module and message on one line, without fields", () => {
    const { log, lines } = capture({ format: "pretty" });
    log("engine").info({ symbol: "BTCUSDT" }, "LONG BTCUSDT");
    expect(lines.join("")).toMatch(/^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: engine: LONG BTCUSDT\n$/);
  });
});

describe("parseLogLevels", () => {
  it("reads a level, modules, or both in any order", () => {
    expect(parseLogLevels("debug")).toEqual({ level: "debug", modules: {} });
    expect(parseLogLevels("engine=trace")).toEqual({ level: "info", modules: { engine: "trace" } });
    expect(parseLogLevels("engine=trace, warn ,rpc=off")).toEqual({
      level: "warn",
      modules: { engine: "trace", rpc: "off" },
    });
  });
});
