import { readFileSync } from "node:fs";
import { join } from "node:path";
import { StrategyConfigSchema } from "../../gen/strategyruntime/v1/strategy_pb.ts";
import type { StrategyDraft } from "../../src/domain/strategy.ts";
import { fromStrategyConfig } from "../../src/rpc/translate/strategy.ts";
import { readText } from "../rpc/json/read-text.ts";

export type Cells = Readonly<Record<string, string>>;

/** The worked example of a page of docs/semantics: what goes in, and what should come out of it. */
export class ExamplePage {
  readonly #blocks: ReadonlyMap<string, string>;

  constructor(name: string) {
    const text = readFileSync(join(import.meta.dirname, "../../docs/semantics", `${name}.md`), "utf8");
    const [, example = ""] = text.split("\n## Worked example\n");
    const blocks = [...example.matchAll(/^```(?:csv|json|text) (\w+)\n(.*?)^```$/gms)];
    this.#blocks = new Map(blocks.map(([, label = "", content = ""]) => [label, content]));
  }

  /** The content of the block with this label. */
  text(label: string): string {
    const content = this.#blocks.get(label);
    if (content === undefined) {
      throw new Error(`the example has no block "${label}"; it has ${[...this.#blocks.keys()].join(", ")}`);
    }
    return content;
  }

  json<T>(label: string): T {
    return JSON.parse(this.text(label));
  }

  strategy(label = "strategy"): Promise<StrategyDraft> {
    return strategyOf(this.text(label));
  }

  /** The rows of a csv block, each cell under the name of its column. */
  rows(label: string): readonly Cells[] {
    const [header = "", ...lines] = this.text(label).trimEnd().split("\n");
    const names = header.split(",");
    return lines.map((line) => {
      const cells = line.split(",");
      return Object.fromEntries(names.map((name, i) => [name, cells[i] ?? ""]));
    });
  }

  numbers(label: string, column = "close"): readonly number[] {
    return this.rows(label).map((row) => Number(row[column]));
  }
}

/** A strategy in the JSON that callers send. */
export async function strategyOf(json: string): Promise<StrategyDraft> {
  const { message, faults } = await readText(StrategyConfigSchema, json);
  if (faults.length > 0) {
    throw new Error(faults.map(({ field, description }) => `${field}: ${description}`).join("; "));
  }
  return fromStrategyConfig(message);
}

/** A table in plain text, the columns as wide as they must be. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** A number with up to four digits behind the point; a dash where there is none. */
export function shown(value: number | undefined): string {
  return value === undefined || Number.isNaN(value) ? "–" : String(Number(value.toFixed(4)));
}

/** "10:15", in UTC. */
export function clockTime(ms: number): string {
  return new Date(ms).toISOString().slice(11, 16);
}
