import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configMarkdown } from "../src/config.ts";

export const SETTINGS_PAGE: string = fileURLToPath(new URL("../docs/settings.md", import.meta.url));

const BEGIN = "<!-- settings -->\n";
const END = "<!-- /settings -->\n";

/** The page with the table of settings as the code has it. */
export function withSettings(page: string): string {
  const begin = page.indexOf(BEGIN);
  const end = page.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(`docs/settings.md needs a line ${BEGIN.trim()} and a line ${END.trim()} after it`);
  }
  return `${page.slice(0, begin + BEGIN.length)}\n${configMarkdown()}\n${page.slice(end)}`;
}

if (import.meta.main) {
  writeFileSync(SETTINGS_PAGE, withSettings(readFileSync(SETTINGS_PAGE, "utf8")));
}
