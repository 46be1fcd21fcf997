/** Levels of the log, most talkative first; `off` says nothing at all. */
export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "off"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A level for all, and others for single modules. */
export interface LogLevels {
  readonly level: LogLevel;
  readonly modules: Readonly<Record<string, LogLevel>>;
}

const MODULE = /^[a-z][a-z0-9-]*$/;

function isLogLevel(text: string): text is LogLevel {
  return (LOG_LEVELS as readonly string[]).includes(text);
}

/**
 * Reads `info,engine=debug`, in any order; undefined where it cannot be read. Without a level for
 * all it is `info`.
 */
export function parseLogLevels(text: string): LogLevels | undefined {
  let level: LogLevel | undefined;
  const modules: Record<string, LogLevel> = {};
  for (const part of text.split(",").map((piece) => piece.trim())) {
    const [module, name, ...rest] = part.includes("=") ? part.split("=") : [undefined, part];
    if (name === undefined || !isLogLevel(name) || rest.length > 0) {
      return undefined;
    }
    if (module === undefined) {
      if (level !== undefined) {
        return undefined;
      }
      level = name;
    } else if (!MODULE.test(module) || Object.hasOwn(modules, module)) {
      return undefined;
    } else {
      modules[module] = name;
    }
  }
  return { level: level ?? "info", modules };
}
