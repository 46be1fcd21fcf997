import { editDistance } from "./indicators/edit-distance.ts";

/** Settings of later versions that only add something: set now, they have no effect, and whoever set them should know. */
const WITHOUT_EFFECT = ["WEB_ADDRESS", "BINANCE_REST_URL", "BINANCE_WS_URL", "MARKET_DATA_CACHE_TTL"];
const WITHOUT_EFFECT_PREFIX = "OTEL_";

/**
 * Settings of later versions that protect the service or say where its data lives. Nobody may believe that TLS is on, or that
 * decisions are in their database, when they are not: a start with one of these set is refused.
 */
const REFUSED = ["TLS_CERT", "TLS_KEY", "TLS_CLIENT_CA", "AUTH_TOKENS", "DATABASE_URL", "REDIS_URL"];

/** Variables of a later version that are set and must not be; their values are secrets and are not looked at. */
export function refusedVariables(set: readonly string[]): readonly string[] {
  return set.filter((variable) => REFUSED.includes(variable.replace(/_FILE$/, "")));
}

/** A sentence for each variable that was meant for this program and does nothing. Unknown ones are not this program's business. */
export function strayVariables(set: readonly string[], known: readonly string[]): readonly string[] {
  const ours = [...known, ...WITHOUT_EFFECT, ...REFUSED];
  return set.flatMap((variable) => {
    if (WITHOUT_EFFECT.includes(variable) || variable.startsWith(WITHOUT_EFFECT_PREFIX)) {
      return [`${variable} has no effect in this version`];
    }
    const meant = ours.includes(variable) ? undefined : nearest(variable, ours);
    return meant === undefined ? [] : [`${variable} is not a setting and has no effect: is ${meant} meant?`];
  });
}

/** The name that the variable is most likely a slip of: one letter in a short name, two in a longer one. */
function nearest(variable: string, names: readonly string[]): string | undefined {
  const bound = variable.length < 8 ? 1 : 2;
  return names
    .map((name) => ({ name, distance: editDistance(variable.toUpperCase(), name) }))
    .filter(({ distance }) => distance <= bound)
    .sort((a, b) => a.distance - b.distance)[0]?.name;
}
