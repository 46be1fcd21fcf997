import { findCommand } from "./command.ts";
import { installSystemPackages } from "./system-package.ts";

/** The path of Prometheus's `promtool`: PROMTOOL, else from PATH, else installed. */
export async function providePromtool(): Promise<{ readonly promtool: string }> {
  const find = () => process.env.PROMTOOL ?? findCommand("promtool");
  if (find() === undefined) {
    await installSystemPackages(["prometheus"], "promtool");
  }
  const promtool = find();
  if (promtool === undefined) {
    throw new Error("tests need promtool: it is neither on PATH nor named by PROMTOOL");
  }
  return { promtool };
}
