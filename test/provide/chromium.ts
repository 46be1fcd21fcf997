import { findCommand } from "./command.ts";
import { installSystemPackages } from "./system-package.ts";

/** The path of Chromium: CHROMIUM, else from PATH, else installed. */
export async function provideChromium(): Promise<{ readonly chromium: string }> {
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const find = () => process.env.CHROMIUM ?? names.map((name) => findCommand(name)).find((path) => path !== undefined);
  if (find() === undefined) {
    await installSystemPackages(["chromium"], "Chromium");
  }
  const chromium = find();
  if (chromium === undefined) {
    throw new Error("tests need Chromium: it is neither on PATH nor named by CHROMIUM");
  }
  return { chromium };
}
