import { provide } from "./tool.ts";
import { CHROMIUM } from "./tools.ts";

/** The path of Chromium: CHROMIUM, else from PATH, else installed. */
export async function provideChromium(): Promise<{ readonly chromium: string }> {
  return { chromium: await provide(CHROMIUM) };
}
