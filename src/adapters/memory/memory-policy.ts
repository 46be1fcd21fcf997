import { createChanges } from "../../domain/changes.ts";
import type { PolicyChange } from "../../domain/policy.ts";
import { type PolicyParts, policyOf } from "../../domain/policy-parts.ts";
import type { PolicyStore } from "../../ports/policy-store.ts";

export interface MemoryPolicy extends PolicyStore {
  /** Writes parts as another controller would, unchecked. */
  plant(parts: PolicyParts): void;
}

/**
 * A policy that lives as long as the process; `initial` is what the store holds at first, absent
 * parts being default.
 */
export function memoryPolicy(initial: PolicyParts = {}): MemoryPolicy {
  let parts: PolicyParts = initial;
  const changes = createChanges();

  function write(change: PolicyParts | PolicyChange): void {
    parts = { ...parts, ...change };
    changes.notify();
  }

  return {
    plant: write,
    async ready() {},
    async read() {
      return policyOf(parts);
    },
    async change(change) {
      write(change);
      return policyOf(parts);
    },
    changes: (signal) => changes.watch(signal),
    async close() {
      changes.end();
    },
  };
}
