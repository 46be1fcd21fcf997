import { enableCompileCache } from "node:module";
import { makeTemplate } from "./adapters/postgres/cluster-template.ts";
import { errorText } from "./domain/errors.ts";
import { CLUSTER_TEMPLATES, COMPILED_CODE } from "./process/cache-folder.ts";

/**
 * Run behind `npm install`, and where an image is built: makes what would slow the first start
 * down, the compiled code and the embedded database that new data folders begin as. Where it
 * cannot, that is left to the first start.
 */
const startedAt = performance.now();
process.stderr.write("preparing the first start: code is compiled, and an empty database is made (some seconds)\n");
try {
  enableCompileCache(COMPILED_CODE);
  await import("./service.ts");
  await makeTemplate(CLUSTER_TEMPLATES);
  const seconds = (performance.now() - startedAt) / 1_000;
  process.stderr.write(`prepared in ${seconds.toFixed(1)} s; npm start serves\n`);
} catch (error) {
  process.stderr.write(`nothing was made ahead for the first start: ${errorText(error)}\n`);
}
