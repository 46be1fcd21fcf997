/** One fault of an answer. */
export interface Told {
  readonly field: string;
  readonly description: string;
}

type Node = { [key: string]: unknown };

/**
 * A strategy's JSON, mended by what an answer says and by nothing else: fault by fault, in the
 * answer's order. It knows the few phrases in which answers say what to do, and no field of a
 * strategy.
 */
export function mended(strategy: object, faults: readonly Told[]): object {
  const root = structuredClone(strategy) as Node;
  for (const { field, description } of faults) {
    mend(root, field, description);
  }
  return root;
}

function mend(root: Node, field: string, description: string): void {
  const steps = stepsOf(field);
  const key = steps.pop() ?? "";
  const node = steps.reduce<Node>((at, step) => at[step] as Node, root);
  const named = /(?:call it|use|move it into) (\w+)/.exec(description)?.[1];
  const [, to, json] = /(?:as|write) "(\w+)": (.+?)(?: where .*)?$/.exec(description) ?? [];
  const written = /write (?!"\w+":)(.+?)(?: where .*)?$/.exec(description)?.[1];
  const guess = /did you mean (.+?)(?: or .*)?\?/.exec(description)?.[1];
  const first = /(?:must be|give) one of ([^, ]+)/.exec(description)?.[1];
  const surplus = /^is both the (\w+) .*: give one of them$/.exec(description)?.[1];
  if (surplus !== undefined) {
    delete node[surplus];
  } else if (to !== undefined && json !== undefined) {
    delete node[key];
    node[to] = merged(node[to], JSON.parse(json));
  } else if (named !== undefined) {
    const value = written === undefined ? node[key] : JSON.parse(written);
    delete node[key];
    node[named] = value;
  } else if (written !== undefined) {
    node[key] = JSON.parse(written);
  } else if (guess !== undefined) {
    node[key] = likeBefore(node[key], guess);
  } else if (description.includes("leave it out")) {
    delete node[key];
  } else if (first !== undefined) {
    node[key] = first;
  } else {
    throw new Error(`it is not said what to do: ${field}: ${description}`);
  }
}

/** `entry_indicators[0].value` and `labels["a b"]` as keys. */
function stepsOf(path: string): string[] {
  const steps: string[] = [];
  for (const [, name, index, quoted] of path.matchAll(/([^.[\]]+)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g)) {
    steps.push(name ?? index ?? JSON.parse(quoted ?? '""'));
  }
  return steps;
}

function merged(before: unknown, value: unknown): unknown {
  return typeof before === "object" && before !== null && !Array.isArray(before)
    ? { ...before, ...(value as object) }
    : value;
}

function likeBefore(before: unknown, text: string): unknown {
  return typeof before === "number" ? Number(text) : text;
}
