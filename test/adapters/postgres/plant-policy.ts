import type { Queryable } from "../../../src/adapters/postgres/queryable.ts";
import type { PolicyParts } from "../../../src/domain/policy-parts.ts";

/** Writes parts of the policy as a controller would with plain SQL. */
export async function plantPolicy(db: Queryable, parts: PolicyParts): Promise<void> {
  await db.query("INSERT INTO sg_policy DEFAULT VALUES ON CONFLICT DO NOTHING");
  for (const [part, value] of Object.entries(parts)) {
    const column = part.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    await db.query(`UPDATE sg_policy SET ${column} = $1`, [value]);
  }
}
