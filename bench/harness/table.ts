import { countsText } from "./contest.ts";
import { numberText } from "./number-text.ts";
import type { Line } from "./row.ts";

const HEAD = ["row", "what", "ours", "(least to most)", "unit", "rival", "rival's", "ours/rival", "target"] as const;
/** Columns of numbers, which stand at the right of their column. */
const RIGHT = new Set([2, 6, 7]);

/** The table for people; below it, why lines are void, and what was counted. */
export function tableOf(lines: readonly Line[]): string {
  const rows = [HEAD, ...lines.flatMap(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  const texts = rows.map((row) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join("  ")
      .trimEnd(),
  );
  texts.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
  return [...texts, "", ...notesOf(lines)].join("\n");
}

function pad(cell: string, width: number, column: number): string {
  return RIGHT.has(column) ? cell.padStart(width) : cell.padEnd(width);
}

/** One line of cells a rival, at least one; what is ours stands in the first. */
function cellsOf(line: Line): readonly (readonly string[])[] {
  const { row, what, ours, unit, rivals, target } = line;
  const kept = target === undefined ? "" : `${target.text}: ${target.kept ? "kept" : "MISSED"}`;
  const verdict = line.void === undefined ? kept : "VOID";
  const own = [row, what, numberText(ours.median), `${numberText(ours.least)} to ${numberText(ours.most)}`, unit];
  const first = rivals[0];
  const rivalCells = ({ name, median, ratio }: Line["rivals"][number]) => [name, numberText(median), ratioText(ratio)];
  return [
    [...own, ...(first === undefined ? ["–", "", ""] : rivalCells(first)), verdict],
    ...rivals.slice(1).map((rival) => ["", "", "", "", "", ...rivalCells(rival), ""]),
  ];
}

function notesOf(lines: readonly Line[]): readonly string[] {
  const faults = lines.flatMap((line) =>
    line.void === undefined ? [] : [`VOID ${line.row}, ${line.what}: ${line.void}`],
  );
  const counted = new Map(lines.map((line) => [`${line.row}: ${countsText(line.counts)}`, line]));
  return [...faults, "Counted alike by all contestants:", ...[...counted.keys()].map((text) => `  ${text}`)];
}

function ratioText(ratio: number): string {
  return `${numberText(ratio)} ×`;
}
