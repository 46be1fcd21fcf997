import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { invalid, RuntimeError, type Violation } from "../domain/errors.ts";
import { quoted, strategyIdFault, symbolFault, textFault } from "../engine/validation/texts.ts";
import { timestampFault } from "./translate/time.ts";

/**
 * Faults of one list reported at once: a caller whose list is wrong throughout is understood after
 * these, and millions would take all memory.
 */
const MOST_OF_A_LIST = 20;
/** Longer ids than the contract's are asked for, too: rows that others wrote may have them. */
const LONGEST_TEXT = 1_000;
/** As of a strategy's allowed_regimes (R42): a longer one could be among no strategy's. */
const LONGEST_REGIME = 64;

/**
 * What is wrong with a request by itself. Checks add to it and go on, so that all faults are
 * reported at once.
 */
export class Faults {
  readonly violations: Violation[] = [];

  /** Notes a fault where there is one. */
  note(field: string, fault: string | undefined): void {
    if (fault !== undefined) {
      this.violations.push({ field, description: fault });
    }
  }

  /**
   * Must be there, and be a text that a store can be asked for: its own refusal would not name the
   * field.
   */
  required(field: string, text: string): void {
    this.note(field, text.trim() === "" ? "is required" : textFault(text, { least: 1, most: LONGEST_TEXT }));
  }

  symbol(field: string, symbol: string): void {
    this.note(field, symbol === "" ? "is required" : symbolFault(symbol));
  }

  /** Each must be a symbol and come once. */
  symbols(field: string, symbols: readonly string[]): void {
    this.once(field, symbols, symbolFault);
  }

  /** Each must be a strategy id and come once. */
  strategyIds(field: string, ids: readonly string[]): void {
    this.once(field, ids, strategyIdFault);
  }

  private once(field: string, texts: readonly string[], faultOf: (text: string) => string | undefined): void {
    const firstAt = new Map<string, number>();
    const most = this.violations.length + MOST_OF_A_LIST;
    for (const [index, text] of texts.entries()) {
      if (this.violations.length >= most) {
        return;
      }
      const before = firstAt.get(text);
      const repeated =
        before === undefined ? undefined : `is ${quoted(text)} again, as ${field}[${before}]: name it once`;
      this.note(`${field}[${index}]`, faultOf(text) ?? repeated);
      if (before === undefined) {
        firstAt.set(text, index);
      }
    }
  }

  /** An empty regime means unknown in the store, and nothing in a request (R28). */
  regime(field: string, regime: string | undefined): void {
    const fault = regime === undefined ? undefined : textFault(regime, { least: 0, most: LONGEST_REGIME });
    this.note(field, regime === "" ? "is empty: leave it out where the regime is unknown" : fault);
  }

  time(field: string, time: Timestamp | undefined): void {
    this.note(field, time && timestampFault(time));
  }

  /** Finite and above 0. */
  positive(field: string, value: number | undefined): void {
    const fine = value === undefined || (Number.isFinite(value) && value > 0);
    this.note(field, fine ? undefined : `is ${value}, must be finite and above 0`);
  }

  finite(field: string, value: number): void {
    this.note(field, Number.isFinite(value) ? undefined : `is ${value}, must be finite`);
  }

  /** Throws all faults as one `invalid`, where there are any. */
  raise(): void {
    if (this.violations.length > 0) {
      throw invalid(this.violations);
    }
  }

  /**
   * As `raise`, with what `check` finds besides. The engine checks strategies, and would not be
   * asked where the rest of the request is wrong already; the caller should hear of both at once.
   */
  async raiseWith(check: () => Promise<unknown>): Promise<void> {
    if (this.violations.length === 0) {
      return;
    }
    try {
      await check();
    } catch (error) {
      // What else the check may meet, such as a store that is away, says nothing on the request.
      if (error instanceof RuntimeError && error.code === "invalid") {
        this.violations.push(...error.violations);
      }
    }
    this.raise();
  }
}
