import { startChild } from "./harness/child.ts";
import { contest, type Sample } from "./harness/contest.ts";
import type { Line, Row, Size } from "./harness/row.ts";
import type { IndicatorQuestion } from "./processes/indicator.ts";
import { FAMILIES } from "./rivals/indicators.ts";

/** Indicators that were asked to be so many times as fast as this rival. */
const TARGETS: readonly string[] = ["RSI_14", "SMA_20", "EMA_20"];
const RIVAL = "trading-signals";
const TIMES = 3;

/** What one more bar costs. */
export const INDICATORS: Row = {
  name: "indicators",
  about:
    "one more bar for an indicator of each family, beside trading-signals and technicalindicators, whose values must be ours",
  async run(size) {
    const lines: Line[] = [];
    // Tiny proves that rivals and those without any work; all of them would take their time.
    const names = size === "full" ? Object.keys(FAMILIES) : ["RSI_14", "VWAP"];
    for (const name of names) {
      lines.push(...(await linesOf(name, size)));
    }
    return lines;
  },
};

async function linesOf(name: string, size: Size): Promise<readonly Line[]> {
  const bars = size === "full" ? 50_000 : 1_000;
  await using child = startChild<IndicatorQuestion, Sample>("indicator.ts");
  return await contest(
    {
      row: INDICATORS.name,
      measures: [
        {
          key: "millions",
          what: name,
          unit: "M bars/s",
          better: "more",
          ...(TARGETS.includes(name) && {
            target: {
              text: `>= ${TIMES} × ${RIVAL}`,
              kept: (_: number, ratios: ReadonlyMap<string, number>) => (ratios.get(RIVAL) ?? 0) >= TIMES,
            },
          }),
        },
      ],
      ours: { name: "kernel", run: () => child.ask({ name, who: "ours", bars, repeats: size === "full" ? 60 : 1 }) },
      rivals: (FAMILIES[name] ?? []).map((rival) => ({
        name: rival.name,
        run: () => child.ask({ name, who: rival.name, bars, repeats: 1 }),
      })),
    },
    size,
  );
}
