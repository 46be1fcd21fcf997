import { type DestinationStream, type Logger, pino } from "pino";
import pretty from "pino-pretty";
import { withoutSecrets } from "../domain/secrets.ts";
import type { LogLevel, LogLevels } from "./log-level.ts";

export type { Logger } from "pino";

export interface LogOptions {
  readonly levels: LogLevels;
  /** `auto` is pretty on a terminal and json elsewhere. */
  readonly format: "json" | "pretty" | "auto";
  /** What every line carries besides, such as the ids of the current trace. */
  readonly mixin?: () => object;
  /** Where lines go, standard output by default. */
  readonly destination?: DestinationStream;
}

/**
 * Gives each module its logger, whose lines carry the module's name and which has the module's own
 * level.
 */
export type Log = (module: string) => Logger;

/** Fields that hold secrets, on the object logged or one below it. */
const SECRET_FIELDS = ["password", "token", "secret", "authorization", "cookie", "databaseUrl", "redisUrl"];

/**
 * Opens the log. Lines are written before the call returns, so none is lost when the process ends.
 */
export function createLog(options: LogOptions): Log {
  const terminal = options.destination === undefined && process.stdout.isTTY === true;
  const asText = options.format === "pretty" || (options.format === "auto" && terminal);
  const destination = options.destination ?? pino.destination({ dest: 1, sync: true });
  const root = pino(
    {
      level: pinoLevel(options.levels.level),
      base: null,
      ...(options.mixin && { mixin: options.mixin }),
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]), censor: "[redacted]" },
      hooks: { streamWrite: withoutSecrets },
    },
    asText ? prettyStream(destination, terminal) : destination,
  );
  return (module) =>
    root.child({ module }, { level: pinoLevel(options.levels.modules[module] ?? options.levels.level) });
}

/**
 * Fields are left out of the text for people: messages say it all. Errors are shown with their
 * causes.
 */
function prettyStream(destination: DestinationStream, colorize: boolean): DestinationStream {
  const render = pretty.prettyFactory({
    colorize,
    hideObject: true,
    ignore: "module",
    messageFormat: "{if module}{module}: {end}{msg}",
    translateTime: "SYS:HH:MM:ss.l",
  });
  return { write: (line) => destination.write(render(line)) };
}

function pinoLevel(level: LogLevel): string {
  return level === "off" ? "silent" : level;
}
