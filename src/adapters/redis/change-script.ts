import type { PolicyChange } from "../../domain/policy.ts";
import { KEYS, REVISION, stringsOf } from "./policy-keys.ts";

/**
 * Carries out a change where the policy is still of the revision that its writer saw, and answers
 * 1; else does nothing and answers 0. So a change that was given up and comes late, behind another
 * one, is dropped.
 *
 * KEYS: the revision, the set of allowed strategies, then the strings that change. ARGV: the
 * revision seen, the next one, the channel to tell, who tells, whether the set is replaced, the
 * number of its members, a value for each of the strings ("=text", or "" to delete the key), the
 * members.
 */
export const CHANGE_SCRIPT = `
  if redis.call('GET', KEYS[1]) ~= ARGV[1] then
    return 0
  end
  redis.call('SET', KEYS[1], ARGV[2])
  for i = 3, #KEYS do
    local value = ARGV[i + 4]
    if value == '' then
      redis.call('DEL', KEYS[i])
    else
      redis.call('SET', KEYS[i], string.sub(value, 2))
    end
  end
  if ARGV[5] == '1' then
    redis.call('DEL', KEYS[2])
    for i = #ARGV - tonumber(ARGV[6]) + 1, #ARGV do
      redis.call('SADD', KEYS[2], ARGV[i])
    end
  end
  redis.call('PUBLISH', ARGV[3], ARGV[4])
  return 1`;

export interface Revisions {
  readonly seen: string;
  readonly next: string;
}

/** What CHANGE_SCRIPT is given. */
export function changeArguments(
  change: PolicyChange,
  { seen, next }: Revisions,
  channel: string,
  teller: string,
): { readonly keys: readonly string[]; readonly args: readonly string[] } {
  const strings = stringsOf(change);
  const members = change.allowedStrategies ?? [];
  const isReplaced = change.allowedStrategies === undefined ? "0" : "1";
  return {
    keys: [REVISION, KEYS.allowedStrategies, ...strings.map(([key]) => key)],
    args: [
      ...[seen, next, channel, teller, isReplaced, String(members.length)],
      ...strings.map(([, value]) => (value === null ? "" : `=${value}`)),
      ...members,
    ],
  };
}
