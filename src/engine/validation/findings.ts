import { isLost, type ReadFault, type Violation } from "../../domain/errors.ts";

/**
 * What a check of a draft has found so far; every check adds to it and goes on, so that all faults
 * come at once (R42).
 */
export class Findings {
  readonly violations: Violation[];
  readonly warnings: string[] = [];
  readonly #read: readonly ReadFault[];

  /** Begins with what was wrong with the draft when it was read. */
  constructor(read: readonly ReadFault[] = []) {
    this.#read = read;
    this.violations = read.map(({ field, description }) => ({ field, description }));
  }

  /** Notes a fault of the field, by its path in the contract's names. */
  refuse(field: string, description: string): void {
    if (!isLost(this.#read, field)) {
      this.violations.push({ field, description });
    }
  }

  /** Whether something was given there that could not be read, so that it is not missed. */
  isLost(field: string): boolean {
    return isLost(this.#read, field);
  }

  /** As `refuse`, where there is a description. True where there was none. */
  accept(field: string, fault: string | undefined): boolean {
    if (fault !== undefined) {
      this.refuse(field, fault);
    }
    return fault === undefined;
  }

  /** Notes what is allowed but looks wrong. */
  warn(text: string): void {
    this.warnings.push(text);
  }
}
