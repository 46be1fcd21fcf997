import type { Migration } from "./migration.ts";

/**
 * The same rule as conditionsOf in strategy-row.ts. In strict mode, since the lax one looks into an
 * array that stands in a condition's place, and so takes `[[]]` for a list of conditions. A key
 * that is absent is unknown there, which makes nothing unreadable.
 */
const CONDITIONS_READABLE = `
  CREATE OR REPLACE FUNCTION sg_conditions_readable(conditions jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(conditions) = 'array' AND NOT coalesce(jsonb_path_exists(conditions, 'strict $[*] ? (!(
      @.type() == "object"
      && (@.name.type() == "string" || @.name == null)
      && (@.operator.type() == "string" || @.operator == null)
      && (@.value.type() == "number" || @.value == null)
      && (@.indicator.type() == "string" || @.indicator == null)
      && (@.timeframe.type() == "string" || @.timeframe == null)
    ))', '{}', true), false)
  $$`;

/** The same rule as labelsOf in strategy-row.ts; strict for the same reason. */
const LABELS_READABLE = `
  CREATE OR REPLACE FUNCTION sg_labels_readable(labels jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_typeof(labels) = 'null' OR jsonb_typeof(labels) = 'object'
      AND NOT coalesce(jsonb_path_exists(labels, 'strict $.* ? (@.type() != "string")', '{}', true), false)
  $$`;

/** Computes the place of the rows that the rules before took for readable. */
const RANKED_ANEW = `
  UPDATE sg_strategies SET labels = labels
  WHERE fitness_rank < 'Infinity'
    AND NOT (sg_conditions_readable(entry_indicators) AND coalesce(sg_labels_readable(labels), true))`;

export const READABLE: Migration = {
  id: 11,
  name: "readable",
  statements: [CONDITIONS_READABLE, LABELS_READABLE, RANKED_ANEW],
};
