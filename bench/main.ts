import { cpus, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Line, Row, Size, Yardstick } from "./harness/row.ts";
import { tableOf } from "./harness/table.ts";
import { measureYardstick, yardstickText } from "./harness/yardstick.ts";
import { ROWS } from "./rows.ts";

const HELP = `npm run bench -- [--only ROW]... [--json] [--tiny]

  --only ROW  only this row; may be given more than once
  --json      the table for machines, on standard output
  --tiny      sizes that prove that the rows work and measure nothing

${ROWS.map(({ name, about }) => `  ${name}\n      ${about}`).join("\n")}
`;

function chosen(names: readonly string[]): readonly Row[] {
  const unknown = names.filter((name) => ROWS.every((row) => row.name !== name));
  if (unknown.length > 0) {
    throw new Error(`there is no row ${unknown.join(", ")}; the rows are ${ROWS.map(({ name }) => name).join(", ")}`);
  }
  return names.length === 0 ? ROWS : ROWS.filter(({ name }) => names.includes(name));
}

async function measure(rows: readonly Row[], size: Size, yardstick: Yardstick): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for (const row of rows) {
    process.stderr.write(`${row.name} …\n`);
    lines.push(...(await row.run(size, yardstick)));
  }
  return lines;
}

/**
 * What the numbers were measured on, and how busy it was before: with other work beside it, only
 * ratios say something.
 */
function machine(): Readonly<Record<string, string | number>> {
  const all = cpus();
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: all[0]?.model ?? "unknown",
    cores: all.length,
    load: loadavg()[0] ?? 0,
  };
}

function machineText({ node, platform, cpu, cores, load }: ReturnType<typeof machine>): string {
  return `${cores} cores of ${cpu}, ${platform}, Node ${node}, load ${load} before`;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", multiple: true, default: [] },
      json: { type: "boolean", default: false },
      tiny: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const measuredOn = machine();
  const rows = chosen(values.only);
  const size = values.tiny ? "tiny" : "full";
  const yardstick = await measureYardstick(size);
  process.stderr.write(`${yardstickText(yardstick)}\n`);
  const lines = await measure(rows, size, yardstick);
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ machine: measuredOn, yardstick, lines }, undefined, 2)}\n`);
  } else {
    process.stdout.write(`${machineText(measuredOn)}\n${yardstickText(yardstick)}\n\n${tableOf(lines)}\n`);
  }
  return lines.some((line) => line.void !== undefined) ? 1 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
