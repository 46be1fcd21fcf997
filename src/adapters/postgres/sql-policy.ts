import { createChanges } from "../../domain/changes.ts";
import type { PolicyChange } from "../../domain/policy.ts";
import { type PolicyParts, policyOf } from "../../domain/policy-parts.ts";
import type { PolicyStore } from "../../ports/policy-store.ts";
import { guarded } from "./faults.ts";
import { type Fence, UNFENCED } from "./fence.ts";
import { migrate } from "./migrate.ts";
import type { Queryable } from "./queryable.ts";

const COLUMNS = `
  risk_mode AS "riskMode", global_min_confidence AS "globalMinConfidence", allowed_strategies AS "allowedStrategies",
  halted, halt_reason AS "haltReason", current_regime AS "currentRegime"`;

const READ = `SELECT ${COLUMNS} FROM sg_policy`;

/** $1 the change as a JSON object of columns, of which those absent stay as they are; $2 epoch. */
const CHANGE = `
  WITH change AS (
    SELECT c.parts, r.* FROM (SELECT $1::text::jsonb AS parts) AS c,
      jsonb_to_record(c.parts) AS r (risk_mode text, global_min_confidence double precision, allowed_strategies text[],
        halted boolean, halt_reason text, current_regime text)
    WHERE (SELECT sg_fence($2::bigint))
  )
  INSERT INTO sg_policy AS p (risk_mode, global_min_confidence, allowed_strategies, halted, halt_reason, current_regime)
  SELECT risk_mode, global_min_confidence, allowed_strategies, halted, halt_reason, current_regime FROM change
  ON CONFLICT (single) DO UPDATE SET
    risk_mode = CASE WHEN $1::text::jsonb ? 'risk_mode' THEN excluded.risk_mode ELSE p.risk_mode END,
    global_min_confidence = CASE WHEN $1::text::jsonb ? 'global_min_confidence'
      THEN excluded.global_min_confidence ELSE p.global_min_confidence END,
    allowed_strategies = CASE WHEN $1::text::jsonb ? 'allowed_strategies'
      THEN excluded.allowed_strategies ELSE p.allowed_strategies END,
    halted = CASE WHEN $1::text::jsonb ? 'halted' THEN excluded.halted ELSE p.halted END,
    halt_reason = CASE WHEN $1::text::jsonb ? 'halt_reason' THEN excluded.halt_reason ELSE p.halt_reason END,
    current_regime = CASE WHEN $1::text::jsonb ? 'current_regime' THEN excluded.current_regime ELSE p.current_regime END
  RETURNING ${COLUMNS}`;

const CHANGED = "sg_policy_changed";

/**
 * The policy in the table sg_policy, which the controller may write too. The client stays open when
 * this is closed.
 */
export function sqlPolicy(client: Queryable, fence: Fence = UNFENCED): PolicyStore {
  const db = guarded(client);
  const changes = createChanges();
  let unlisten: (() => Promise<void>) | undefined;

  return {
    async ready() {
      await migrate(client);
      unlisten ??= await db.listen?.(CHANGED, () => changes.notify());
    },
    async read() {
      const { rows } = await db.query<PolicyParts>(READ);
      return policyOf(rows[0] ?? {});
    },
    async change(change) {
      const columns = JSON.stringify(columnsOf(change));
      const { rows } = await fence.write((epoch) => db.query<PolicyParts>(CHANGE, [columns, epoch]));
      if (db.listen === undefined) {
        changes.notify();
      }
      return policyOf(rows[0] ?? {});
    },
    changes: (signal) => changes.watch(signal),
    async close() {
      changes.end();
      const stop = unlisten;
      unlisten = undefined;
      await stop?.();
    },
  };
}

/** JSON leaves out what is undefined, and so what is not to change. */
function columnsOf(change: PolicyChange): Readonly<Record<string, unknown>> {
  return {
    risk_mode: change.riskMode,
    global_min_confidence: change.globalMinConfidence,
    allowed_strategies: change.allowedStrategies,
    halted: change.halted,
    halt_reason: change.haltReason,
    current_regime: change.currentRegime,
  };
}
