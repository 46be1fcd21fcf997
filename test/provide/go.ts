import { run } from "./command.ts";
import { provide } from "./tool.ts";
import { GO } from "./tools.ts";

/** From this version on, Go fetches the toolchain by itself that a module asks for. */
const LEAST_MINOR = 21;

/** The Go toolchain: GO, else from PATH, else installed. */
export async function provideGo(): Promise<{ readonly go: string }> {
  const go = await provide(GO);
  const version = (await run(go, ["env", "GOVERSION"])).trim();
  const minor = Number(/^go1\.(\d+)/.exec(version)?.[1]);
  if (!(minor >= LEAST_MINOR)) {
    throw new Error(
      `tests need Go 1.${LEAST_MINOR} or newer, ${go} is ${version}: install a newer one from https://go.dev/dl`,
    );
  }
  return { go };
}
