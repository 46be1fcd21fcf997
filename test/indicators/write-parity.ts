import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parityPage } from "./parity.ts";

writeFileSync(join(import.meta.dirname, "../../docs/parity.md"), parityPage());
