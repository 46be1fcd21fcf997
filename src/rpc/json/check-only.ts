import { invalid, RuntimeError } from "../../domain/errors.ts";
import type { Engine, EvaluateQuery } from "../../engine/api.ts";

/**
 * An engine that changes nothing, whatever it is asked: it validates strategies, and ends
 * everything else. Handlers over it find what is wrong with a request that is refused already, so
 * that its caller hears of everything at once.
 */
export function checkOnly(engine: Engine): Engine {
  return {
    runtime: ending<Engine["runtime"]>({ evaluate: (query) => checkQuery(engine, query) }),
    strategies: ending<Engine["strategies"]>({
      save: (draft, options) => engine.strategies.save(draft, { ...options, validateOnly: true }),
      saveMany: async (drafts) => {
        throw invalid(
          drafts.flatMap(({ faults = [] }, index) =>
            faults.map(({ field, description }) => ({ field: `strategies[${index}].${field}`, description })),
          ),
        );
      },
    }),
    policy: ending<Engine["policy"]>({}),
    performance: ending<Engine["performance"]>({}),
  };
}

/**
 * Stands for the faults that a request is refused for. With a fault, Evaluate does not ask the
 * market.
 */
const REFUSED = { field: "", description: "is refused already" };

async function checkQuery({ runtime }: Engine, query: EvaluateQuery): Promise<never> {
  const own = query.faults ?? [];
  const found = await runtime.evaluate({ ...query, faults: [...own, REFUSED] }).then(
    () => own,
    (error) => (error instanceof RuntimeError && error.code === "invalid" ? error.violations : own),
  );
  throw invalid(found.filter((violation) => violation !== REFUSED));
}

/** A desk of the engine that ends a call at whatever `own` does not have. */
function ending<Desk extends object>(own: Partial<Desk>): Desk {
  return new Proxy(own, {
    get: (desk, name) =>
      Reflect.get(desk, name) ??
      (() => {
        throw new RuntimeError("cancelled", "a request that is only checked has come to where it would be served");
      }),
  }) as Desk;
}
