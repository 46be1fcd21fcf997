import { enableCompileCache } from "node:module";
import { errorText } from "./domain/errors.ts";
import { COMPILED_CODE } from "./process/cache-folder.ts";

// What was read and compiled once is not again: that is half of the time that all the modules take.
// So they are loaded behind it.
enableCompileCache(COMPILED_CODE);
try {
  const { serve } = await import("./service.ts");
  process.exitCode = await serve();
} catch (error) {
  process.stderr.write(`cannot start: ${errorText(error)}\n`);
  process.exitCode = 1;
}
