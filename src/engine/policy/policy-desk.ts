import type { Clock } from "../../ports/clock.ts";
import type { PolicyDesk } from "../api.ts";
import type { PolicyKeeper } from "./policy-keeper.ts";
import { settledChanges } from "./settled-changes.ts";

/** PolicyService's side of the engine. `written`: see `settledChanges`. */
export function policyDesk(keeper: PolicyKeeper, clock: Clock, written: () => Promise<unknown>): PolicyDesk {
  return {
    get: () => keeper.read(),
    change: settledChanges({ clock, give: (change) => keeper.change(change), written }),
  };
}
