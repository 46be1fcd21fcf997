import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { COMPOSITION, ENGINE_ROOMS, RULES } from "./import-rules.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs", "architecture.md"), "utf8");

/** The text of a section, up to the next one. */
function section(title: string): string {
  const [, text = ""] = PAGE.split(`\n## ${title}\n`);
  return text.split("\n## ")[0] ?? "";
}

/** Cells of all tables in a text, by the first of their row. */
function tables(text: string): ReadonlyMap<string, string> {
  const rows = [...text.matchAll(/^\| ([^|]+) \| ([^|]+) \|$/gm)];
  return new Map(rows.map(([, first = "", second = ""]) => [first, second]));
}

function entries(folder: string, kind: "folder" | "file"): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory() === (kind === "folder"))
    .map((entry) => join(entry.parentPath, entry.name));
}

const listed = (parts: readonly string[]) => (parts.length === 0 ? "nothing" : parts.join(", "));

describe("the page on the architecture", () => {
  it("names every folder of src", () => {
    const folders = section("Folders");
    const all = entries("src", "folder");
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter((path) => !new RegExp(`(^|[\\s/(])${basename(path)}/`, "m").test(folders))).toEqual([]);
  });

  it("has every port in its table", () => {
    const ports = [...tables(section("Ports")).keys()].join();
    const missing = entries("src/ports", "file").filter((path) => {
      const names = [...readFileSync(path, "utf8").matchAll(/^export interface (\w+)/gm)].map(([, name]) => name);
      return !names.some((name) => ports.includes(`\`${name}\``));
    });
    expect(missing).toEqual([]);
  });

  it("lists every arrow between parts, as the import rule has it", () => {
    const rows = tables(section("The one-way rule"));
    const parts = Object.keys(RULES).filter((part) => !(part in ENGINE_ROOMS));
    expect(Object.fromEntries(parts.map((part) => [part, rows.get(part)]))).toEqual(
      Object.fromEntries(parts.map((part) => [part, listed(RULES[part]?.parts ?? [])])),
    );
    expect(COMPOSITION.filter((part) => !rows.has(part))).toEqual([]);
  });

  it("lists every arrow between the engine's rooms, in their order", () => {
    const name = (room: string) => room.replace(/^engine\//, "");
    const rooms = Object.entries(ENGINE_ROOMS).map(([room, below]) => [name(room), listed(below.map(name))]);
    const rows = [...tables(section("The one-way rule"))];
    const first = rows.findIndex(([room]) => room === "api.ts");
    expect(rows.slice(first, first + rooms.length)).toEqual(rooms);
  });
});

describe("adapters and desks", () => {
  it("come from factories: no class that others make is a port or a desk", () => {
    const ports = entries("src/ports", "file").flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(/^export interface (\w+)/gm)].map(([, name = ""]) => name),
    );
    const offered = new RegExp(`^export class (\\w+).* implements .*\\b(${ports.join("|")}|\\w+Desk)\\b`, "gm");
    const classes = entries("src", "file").flatMap((path) =>
      [...readFileSync(path, "utf8").matchAll(offered)].map(([text]) => text),
    );
    expect("export class Tail implements Observer".match(offered)).not.toBeNull();
    expect(classes).toEqual([]);
  });
});
