import { ZenEngine } from "@gorules/zen-engine";
import type { Rule } from "../samples/rulebook.ts";
import type { Found } from "./found.ts";

/** One decision whose expression node has an expression a strategy, evaluated once a symbol. */
export function zenEngine(rules: readonly Rule[], values: readonly Float64Array[]): () => Promise<Found> {
  const decision = new ZenEngine().createDecision(graphOf(rules));
  const contexts = values.map((ofSymbol) =>
    Object.fromEntries(Array.from(ofSymbol, (value, i) => [`f${i}`, Number.isNaN(value) ? null : value])),
  );
  return async () => {
    const found = [0, 0, 0];
    for (const context of contexts) {
      const { result } = await decision.evaluate(context);
      for (const outcome of Object.values(result as Readonly<Record<string, number>>)) {
        found[outcome] = (found[outcome] ?? 0) + 1;
      }
    }
    const [unmet = 0, met = 0, unknown = 0] = found;
    return { met, unmet, unknown };
  };
}

function graphOf(rules: readonly Rule[]): object {
  const place = { x: 0, y: 0 };
  const expressions = rules.map((rule, i) => ({ id: `e${i}`, key: `s${i}`, value: expressionOf(rule) }));
  return {
    contentType: "application/vnd.gorules.decision",
    nodes: [
      { id: "in", type: "inputNode", name: "in", position: place },
      { id: "judge", type: "expressionNode", name: "judge", position: place, content: { expressions } },
      { id: "out", type: "outputNode", name: "out", position: place },
    ],
    edges: [
      { id: "a", sourceId: "in", targetId: "judge", type: "edge" },
      { id: "b", sourceId: "judge", targetId: "out", type: "edge" },
    ],
  };
}

/** R15 in its language: 1 is met, 2 unknown, 0 not met. */
function expressionOf({ logic, conditions }: Rule): string {
  const met = conditions.map(
    ({ feature, operator, threshold }) => `(f${feature} != null and f${feature} ${operator} ${threshold})`,
  );
  const unknown = conditions.map(({ feature }) => `f${feature} == null`);
  if (logic === "ANY") {
    return `(${met.join(" or ")}) ? 1 : ((${unknown.join(" or ")}) ? 2 : 0)`;
  }
  const notUnmet = met.map((each, i) => `(${unknown[i]} or ${each})`);
  return `(${met.join(" and ")}) ? 1 : ((${notUnmet.join(" and ")}) ? 2 : 0)`;
}
