import { provide } from "./tool.ts";
import { CURL } from "./tools.ts";

/** The path of curl: CURL, else from PATH, else installed. */
export async function provideCurl(): Promise<{ readonly curl: string }> {
  return { curl: await provide(CURL) };
}
