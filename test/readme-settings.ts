import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { configMarkdown } from "../src/config.ts";

export const README: string = fileURLToPath(new URL("../README.md", import.meta.url));

const BEGIN = "<!-- settings -->\n";
const END = "<!-- /settings -->\n";

/** The README with the table of settings as the code has it. */
export function withSettings(readme: string): string {
  const begin = readme.indexOf(BEGIN);
  const end = readme.indexOf(END);
  if (begin < 0 || end < begin) {
    throw new Error(`README.md needs a line ${BEGIN.trim()} and a line ${END.trim()} after it`);
  }
  return `${readme.slice(0, begin + BEGIN.length)}\n${configMarkdown()}\n${readme.slice(end)}`;
}

if (import.meta.main) {
  writeFileSync(README, withSettings(readFileSync(README, "utf8")));
}
