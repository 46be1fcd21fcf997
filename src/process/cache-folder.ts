import { join } from "node:path";

/**
 * What is made once for the next starts. Nothing but their speed depends on it: it may be gone,
 * old, or where nobody can write.
 */
const CACHE = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "strategy-runtime-engine");

export const COMPILED_CODE = join(CACHE, "code");
export const CLUSTER_TEMPLATES = join(CACHE, "clusters");
