import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { errorText, RuntimeError } from "../domain/errors.ts";
import { withoutSecrets } from "../domain/secrets.ts";
import type { SignalEvaluator } from "../ports/signal-evaluator.ts";

/**
 * Loads the modules that EVALUATORS names, in its order; a path is read from the working directory.
 * Fails with the path and what is wrong.
 */
export async function loadEvaluators(paths: readonly string[]): Promise<readonly SignalEvaluator[]> {
  const evaluators: SignalEvaluator[] = [];
  for (const path of paths) {
    evaluators.push(await loadEvaluator(path));
  }
  return evaluators;
}

async function loadEvaluator(path: string): Promise<SignalEvaluator> {
  let module: { readonly default?: unknown };
  try {
    module = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    // Node quotes the path as it was resolved, in which a URL is none any more.
    const why = error instanceof Error ? error.message.replaceAll(resolve(path), path) : error;
    const text = `EVALUATORS: ${withoutSecrets(path)} could not be loaded: ${errorText(new Error(String(why)))}`;
    throw new RuntimeError("invalid", text, { cause: error });
  }
  const evaluator = module.default;
  if (!isEvaluator(evaluator)) {
    throw new RuntimeError(
      "invalid",
      `EVALUATORS: the default export of ${path} must be an object with a name and an evaluate(signal) function`,
    );
  }
  return evaluator;
}

function isEvaluator(value: unknown): value is SignalEvaluator {
  const { name, evaluate } = Object(value) as { readonly name?: unknown; readonly evaluate?: unknown };
  return typeof name === "string" && name !== "" && typeof evaluate === "function";
}
