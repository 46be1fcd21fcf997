import type { ReplayEvent, ReplayProgress } from "../adapters/replay/replay.ts";
import type { Config } from "../config.ts";
import type { Clock } from "../ports/clock.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Wall time between two lines about files. */
const EVERY_MS = 2_000;

type Read = Extract<ReplayEvent, { kind: "read" }>;

/** Says what a replay reads, what it made of the files, and which ones it left out. */
export function replayLog(
  logger: Logger,
  { replaySpeed }: Pick<Config, "replaySpeed">,
  clock: Clock,
  onOver: (progress: ReplayProgress) => void,
): (event: ReplayEvent) => void {
  let saidAt = Number.NEGATIVE_INFINITY;
  return (event) => {
    switch (event.kind) {
      case "reading": {
        const { read, files, dir } = event;
        if (clock.monotonic() - saidAt >= EVERY_MS) {
          saidAt = clock.monotonic();
          const text =
            read === 0 ? `replay: reading ${files} files of bars in ${dir}` : `replay: ${read} of ${files} files read`;
          logger.info({ read, files }, text);
        }
        return;
      }
      case "read":
        sayRead(logger, event, replaySpeed);
        return;
      case "over":
        onOver(event.progress);
        return;
      default:
        event satisfies never;
    }
  };
}

function sayRead(logger: Logger, { library, progress }: Read, speed: Config["replaySpeed"]): void {
  const { series, skipped, remarks } = library;
  const bars = series.reduce((sum, one) => sum + one.bars.length, 0);
  const names = series.map(({ symbol, timeframe }) => `${symbol} ${timeframe}`).join(", ");
  logger.info(
    { series: series.length, bars },
    `replay: ${bars.toLocaleString("en-US")} bars read of ${shortened(names)}`,
  );
  for (const [kind, alike] of Map.groupBy(remarks, (remark) => remark.kind)) {
    const others = alike.length > 1 ? `; so in ${alike.length} files` : "";
    logger.info({ kind, files: alike.length }, `replay: ${alike[0]?.text}${others}`);
  }
  const repeated = series.reduce((sum, one) => sum + one.repeated, 0);
  if (repeated > 0) {
    logger.info({ repeated }, `replay: ${repeated} bars were there twice, equal to the digit, and are taken once`);
  }
  for (const { file, reason } of skipped.slice(0, MOST_SKIPPED)) {
    logger.info({ file }, `replay: left out ${file}: ${reason}`);
  }
  if (skipped.length > MOST_SKIPPED) {
    logger.info({ files: skipped.length }, `replay: left out ${skipped.length - MOST_SKIPPED} more files`);
  }
  const from = `${timeText(progress.start)} to ${timeText(progress.end)}`;
  const pace = speed === "max" ? "as fast as closes are judged" : `at most ${speed} times as fast as the wall's`;
  logger.info(
    { start: progress.start, end: progress.end },
    `replay: judges from ${from}. Market time is the time of the recording: it runs ${pace}, and stands still until something is judged or followed`,
  );
}

/** A folder of other things is not listed to its end. */
const MOST_SKIPPED = 20;

function shortened(text: string): string {
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}
