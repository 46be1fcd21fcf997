import { contest, type Sample } from "./harness/contest.ts";
import type { Line, Row, Size } from "./harness/row.ts";
import { inFolder, startService } from "./harness/service-process.ts";

const TARGET_MS = 3_000;

/** From the process's birth until it says that it serves. */
export const START: Row = {
  name: "start",
  about: "from starting the process until it serves, with the embedded database",
  async run(size) {
    const fresh = await linesOf("into an empty folder", size, () => inFolder(serving));
    if (size === "tiny") {
      return fresh;
    }
    return inFolder(async (folder) => {
      await serving(folder);
      return [...fresh, ...(await linesOf("on a kept folder", size, () => serving(folder)))];
    });
  },
};

function linesOf(what: string, size: Size, run: () => Promise<Sample>): Promise<readonly Line[]> {
  const target = { text: `<= ${TARGET_MS}`, kept: (ours: number) => ours <= TARGET_MS };
  const measures = [{ key: "ms", what, unit: "ms", better: "less", target }] as const;
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
