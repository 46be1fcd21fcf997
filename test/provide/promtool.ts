import { provide } from "./tool.ts";
import { PROMTOOL } from "./tools.ts";

/** The path of Prometheus's `promtool`: PROMTOOL, else from PATH, else installed. */
export async function providePromtool(): Promise<{ readonly promtool: string }> {
  return { promtool: await provide(PROMTOOL) };
}
