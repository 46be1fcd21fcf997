import { enableCompileCache } from "node:module";
import { makeTemplate } from "./adapters/postgres/cluster-template.ts";
import { errorText } from "./domain/errors.ts";
import { CLUSTER_TEMPLATES, COMPILED_CODE } from "./process/cache-folder.ts";

/**
 * Run behind `npm install`, and where an image is built: makes what would slow the first start down, the compiled code and the embedded
 * database that new data folders begin as. Where it cannot, that is left to the first start.
 */
try {
  enableCompileCache(COMPILED_CODE);
  await import("./service.ts");
  await makeTemplate(CLUSTER_TEMPLATES);
} catch (error) {
  process.stderr.write(`nothing was made ahead for the first start: ${errorText(error)}\n`);
}
