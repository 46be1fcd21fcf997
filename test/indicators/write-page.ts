import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { indicatorsPage } from "../../src/indicators/page.ts";

writeFileSync(join(import.meta.dirname, "../../docs/indicators.md"), indicatorsPage());
