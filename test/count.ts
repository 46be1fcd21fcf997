/** What the JSON reporter writes, as far as it is read here. */
export interface Results {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts tests by what became of them. A file that failed without a failed test (it could not be
 * loaded, a hook threw) counts as one failure, and so does a run that ended badly for a reason that
 * is in no file: "0 failed" always means that nothing went wrong.
 */
export function countTests(results: Results | undefined, exitCode: number): Count {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for (const file of results?.testResults ?? []) {
    const before = failed;
    for (const { status } of file.assertionResults) {
      if (status === "passed") {
        passed++;
      } else if (status === "failed") {
        failed++;
      } else {
        skipped++;
      }
    }
    if (file.status === "failed" && failed === before) {
      failed++;
    }
  }
  if (failed === 0 && (exitCode !== 0 || results === undefined)) {
    failed = 1;
  }
  return { passed, failed, skipped };
}

/** `12 passed, 0 failed`, and the skipped ones where there are any. */
export function countLine({ passed, failed, skipped }: Count): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
