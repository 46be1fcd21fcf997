import { contest, type Sample } from "./harness/contest.ts";
import type { Line, Row, Size, Yardstick } from "./harness/row.ts";
import { inFolder, startService } from "./harness/service-process.ts";
import { atMost } from "./harness/yardstick.ts";

const TARGET_MS = 3_000;

/** From the process's birth until it says that it serves. */
export const START: Row = {
  name: "start",
  about: "from starting the process until it serves, with the embedded database",
  async run(size, yardstick) {
    const fresh = await linesOf("into an empty folder", size, yardstick, () => inFolder(serving));
    if (size === "tiny") {
      return fresh;
    }
    return inFolder(async (folder) => {
      await serving(folder);
      return [...fresh, ...(await linesOf("on a kept folder", size, yardstick, () => serving(folder)))];
    });
  },
};

function linesOf(what: string, size: Size, yardstick: Yardstick, run: () => Promise<Sample>): Promise<readonly Line[]> {
  const measures = [{ key: "ms", what, unit: "ms", better: "less", target: atMost(TARGET_MS, yardstick) }] as const;
  return contest({ row: START.name, measures, ours: { name: "start", run }, rivals: [] }, size);
}

async function serving(folder: string): Promise<Sample> {
  const service = startService(folder);
  try {
    await service.says(/serving on/);
    return { values: { ms: performance.now() - service.startedAt }, counts: { served: 1 } };
  } finally {
    await service.stop();
  }
}
