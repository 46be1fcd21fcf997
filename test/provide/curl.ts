import { findCommand } from "./command.ts";
import { installSystemPackages } from "./system-package.ts";

/** The path of curl: CURL, else from PATH, else installed. */
export async function provideCurl(): Promise<{ readonly curl: string }> {
  const find = () => process.env.CURL ?? findCommand("curl");
  if (find() === undefined) {
    await installSystemPackages(["curl"], "curl");
  }
  const curl = find();
  if (curl === undefined) {
    throw new Error("tests need curl: it is neither on PATH nor named by CURL");
  }
  return { curl };
}
