import { existsSync, readFileSync, statSync } from "node:fs";
import { plaintextTokens, protectionFaults } from "./config/protection.ts";
import type { Setting } from "./config/setting.ts";
import { DEFAULT_SYMBOLS, SETTINGS } from "./config/settings.ts";
import { strayVariables } from "./config/stray-variables.ts";
import { invalid, type Violation } from "./domain/errors.ts";
import { shownPath, shownValue } from "./domain/secrets.ts";

export { whoMayCall } from "./config/who-may-call.ts";

type Settings = typeof SETTINGS;
type Value<K extends keyof Settings> = Settings[K] extends Setting<infer T> ? T : never;
type Optional = { [K in keyof Settings]: Settings[K]["fallback"] extends string ? never : K }[keyof Settings];

/**
 * What the environment says. Names end in their unit. A value without a default is absent where it
 * is not set.
 */
export type Config = { readonly [K in Exclude<keyof Settings, Optional>]: Value<K> } & {
  readonly [K in Optional]?: Value<K>;
} & {
  /** What looks like a mistake but stops nothing: for the log at start. */
  readonly warnings: readonly string[];
};

const TABLE: readonly (readonly [keyof Settings, Setting<unknown>])[] = Object.entries(SETTINGS) as never;

/**
 * Reads the environment. Fails with one `invalid` error that lists every fault: the variable, its
 * value, what it may be. A variable that is set to nothing but blanks counts as not set, except for
 * SYMBOLS.
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
        const is = entry.isSecret ? "cannot be read (it is not shown)" : `is ${shownValue(source)}`;
        faults.push({ field: entry.variable, description: `${is}, must be ${entry.must}` });
      }
    }
  }
  const config = values as unknown as Config;
  faults.push(...protectionFaults(config, env, statSync));
  if (faults.length > 0) {
    throw invalid(faults);
  }
  const symbols = config.symbols ?? (config.marketData === "replay" ? undefined : DEFAULT_SYMBOLS.split(","));
  const known = TABLE.flatMap(([, { variable, isSecret }]) => (isSecret ? [variable, `${variable}_FILE`] : [variable]));
  const set = Object.keys(env).filter((variable) => (env[variable] ?? "").trim() !== "");
  return {
    ...config,
    ...(symbols && { symbols }),
    warnings: [...plaintextTokens(config), ...withoutReplay(config, set), ...strayVariables(set, known)],
  };
}

/**
 * The text of a setting: its variable, the file that NAME_FILE names for a secret, or the default.
 * Null where there is none.
 */
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
    // The text of the error quotes the path, which may be the secret itself.
    const { code = "unknown fault" } = error as NodeJS.ErrnoException;
    const description = `${shownPath(path, existsSync)} cannot be read (${code}): name a file that this process may read`;
    faults.push({ field: `${entry.variable}_FILE`, description });
    return null;
  }
}

/** Whoever names a folder of bars and not the replay would take invented prices for them. */
function withoutReplay({ marketData }: Config, set: readonly string[]): readonly string[] {
  const unused = marketData === "replay" ? [] : set.filter((variable) => variable.startsWith("REPLAY_"));
  return unused.map((variable) => `${variable} is not used: MARKET_DATA is ${marketData}, not replay`);
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
