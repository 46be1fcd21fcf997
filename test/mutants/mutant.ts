/** One small fault put into the source, and the tests that must notice it. */
export interface Mutant {
  /** The fault in words; no other mutant has the same. */
  readonly name: string;
  /** Below the root of the repository. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly find: string;
  readonly replace: string;
  /** The test files that are run against the mutant, narrow ones first. */
  readonly tests: readonly string[];
}

/** The source with the fault in it. Fails where the text to replace is not there exactly once. */
export function mutated({ name, file, find, replace }: Mutant, source: string): string {
  const [before, after, ...others] = source.split(find);
  if (before === undefined || after === undefined) {
    throw new Error(
      `mutant "${name}": ${file} does not hold ${JSON.stringify(find)} any more; write what stands there`,
    );
  }
  if (others.length > 0) {
    const times = others.length + 1;
    throw new Error(`mutant "${name}": ${file} holds ${JSON.stringify(find)} ${times} times; write more of one place`);
  }
  return before + replace + after;
}
