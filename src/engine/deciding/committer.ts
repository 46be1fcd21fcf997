import { compareDecisions, type Decision } from "../../domain/decision.ts";
import { errorText, RuntimeError } from "../../domain/errors.ts";
import { BEFORE_ALL, type Place, placeOfDecision } from "../../domain/place.ts";
import type { DecisionJournal } from "../../ports/decision-journal.ts";
import type { PositionBook } from "../../ports/position-book.ts";
import { NO_TRACER, type Tracer } from "../../ports/tracer.ts";
import type { Refusal } from "../gates/refusal.ts";
import type { Candidate } from "./decide.ts";
import { type Committed, gated } from "./gating.ts";
import type { Ledger } from "./ledger.ts";
import { Past } from "./past.ts";
import type { Remembered } from "./remembered.ts";
import type { StillInForce } from "./still-in-force.ts";

/** Candidates that must be judged again: nothing became of them. The refusal is for who must not judge once more. */
export interface Replaced {
  readonly replaced: Refusal;
}

interface Submission {
  readonly candidates: readonly Candidate[];
  /** Of the sweep that they are from, where it is traced. */
  readonly traceparent: string | undefined;
  readonly resolve: (committed: Committed | Replaced) => void;
  readonly reject: (error: unknown) => void;
}

const ALL_IN_FORCE: StillInForce = { replaced: () => undefined, expired: () => undefined };
/** What becomes of no candidates. */
const NOTHING: Promise<Committed> = Promise.resolve({ decisions: [], refused: [] });

export interface CommitterOptions {
  readonly journal: DecisionJournal;
  readonly ledger: Ledger;
  /** Asked which decisions of other times hold no place any more. */
  readonly positions: Pick<PositionBook, "settled">;
  readonly publish: (decisions: readonly Decision[]) => void;
  /** Absent: nothing is traced. */
  readonly tracer?: Tracer;
  /** Compares candidates with what is in force when it is called; absent: all is as it was judged. */
  readonly inForce?: () => StillInForce;
  /** Resolves once this process may decide, and fails where it may not; absent: it always may. */
  readonly settled?: () => Promise<void>;
  /** The journal is not as this committer left it: nothing is decided any more. */
  readonly onUsurped?: (error: RuntimeError) => void;
}

/**
 * The only way to the journal. Gates, journal, state and publication run one group at a time, so that no two sweeps can both
 * pass a cooldown; submissions that arrive during a write form the next group. A decision is published only after the journal
 * has it, and a journal that cannot be written leaves nothing behind (R38).
 */
export class Committer {
  readonly #journal: DecisionJournal;
  readonly #ledger: Ledger;
  readonly #past: Past;
  readonly #publish: (decisions: readonly Decision[]) => void;
  readonly #tracer: Tracer;
  readonly #inForce: () => StillInForce;
  readonly #settled: CommitterOptions["settled"];
  readonly #onUsurped: CommitterOptions["onUsurped"];
  #queue: Submission[] = [];
  #last = BEFORE_ALL;
  /** Set while a write's fate is unknown: the journal is asked before the next one. */
  #inDoubt = false;
  /** Set for good once the journal was not as it was left. */
  #usurped = false;
  #running: Promise<void> | undefined;
  #fault: string | undefined;

  constructor(options: CommitterOptions) {
    this.#journal = options.journal;
    this.#ledger = options.ledger;
    this.#past = new Past(options);
    this.#publish = options.publish;
    this.#tracer = options.tracer ?? NO_TRACER;
    this.#inForce = options.inForce ?? (() => ALL_IN_FORCE);
    this.#settled = options.settled;
    this.#onUsurped = options.onUsurped;
  }

  /** Sequence of the last decision committed. */
  get lastSequence(): number {
    return this.#last.sequence;
  }

  /** Place of the last decision committed. */
  get last(): Place {
    return this.#last;
  }

  /** Why the journal cannot be written, where the last write failed. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Whether the fate of a write is unknown: a decision may be journaled that nobody has been told of yet. */
  get isInDoubt(): boolean {
    return this.#inDoubt;
  }

  /** Asks the journal what became of a write whose fate is unknown, where there is one; says nothing where it cannot be asked. */
  async settleDoubt(): Promise<void> {
    if (this.#inDoubt && !this.#usurped && this.#running === undefined) {
      await this.commit([]).catch(() => undefined);
    }
  }

  /** Begins after the decisions that the ledger was filled with. */
  start(last: Place): void {
    this.#last = last;
  }

  /** Gates and journals a sweep's candidates. Rejects with `unavailable` where the journal cannot be written: nothing was decided then. */
  commit(candidates: readonly Candidate[]): Promise<Committed | Replaced> {
    if (candidates.length === 0 && this.#isAtRest) {
      return NOTHING;
    }
    const ordered = inOrder(candidates);
    const traceparent = this.#tracer.traceparent();
    return new Promise((resolve, reject) => {
      this.#queue.push({ candidates: ordered, traceparent, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Resolves once nothing is on its way to the journal. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /**
   * R33: what `commit` would answer, with nothing remembered. Sequences stay 0. What is on its way to the journal counts as decided.
   * `traceparent`: of the sweep, where it is traced and its decisions should say so.
   */
  async rehearse(candidates: readonly Candidate[], traceparent?: string): Promise<Committed> {
    const ordered = inOrder(candidates);
    const parent = this.#tracer.traceparent();
    const past = await this.#past.of(ordered);
    const recorded: Remembered[] = [];
    const decide = (candidate: Candidate) => candidate.decide(0, traceparent);
    try {
      const gating = { ledger: this.#ledger, past, recorded, inForce: ALL_IN_FORCE, tracer: this.#tracer };
      return gated(ordered, gating, parent, decide);
    } finally {
      this.#forget(recorded);
    }
  }

  /** Whether nothing is on its way to the journal, and nothing to be asked of it. */
  get #isAtRest(): boolean {
    return this.#running === undefined && !this.#inDoubt && !this.#usurped;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      const group = this.#queue;
      this.#queue = [];
      try {
        await this.#commitGroup(group);
      } catch (error) {
        for (const submission of group) {
          submission.reject(error);
        }
      }
    }
    this.#running = undefined;
  }

  async #commitGroup(group: readonly Submission[]): Promise<void> {
    if (this.#usurped) {
      throw new RuntimeError("unavailable", `no decision was made: ${this.#fault}`);
    }
    await this.#settled?.();
    if (this.#inDoubt) {
      await this.#resolveDoubt();
    }
    const past = await this.#past.of(group.flatMap(({ candidates }) => candidates));
    const recorded: Remembered[] = [];
    try {
      const inForce = this.#inForce();
      const gating = { ledger: this.#ledger, past, recorded, inForce, tracer: this.#tracer };
      let { sequence } = this.#last;
      const results = group.map(({ candidates, traceparent }): Committed | Replaced => {
        const replaced = inForce.replaced(candidates);
        const decide = (candidate: Candidate) => candidate.decide(++sequence, traceparent);
        return replaced ? { replaced } : gated(candidates, gating, traceparent, decide);
      });
      const all = results.flatMap((result) => decisionsOf(result));
      if (all.length > 0) {
        const sweeps = group.filter((_, i) => decisionsOf(results[i]).length > 0);
        await this.#append(
          all,
          sweeps.map(({ traceparent }) => traceparent),
        );
      }
      for (const each of recorded.splice(0)) {
        this.#ledger.trim(each);
      }
      const last = all.at(-1);
      if (last !== undefined) {
        this.#last = placeOfDecision(last);
        this.#publish(all);
      }
      group.forEach((submission, i) => {
        submission.resolve(results[i] ?? { decisions: [], refused: [] });
      });
    } finally {
      this.#forget(recorded);
    }
  }

  /** What was not journaled was not decided (R38). */
  #forget(recorded: Remembered[]): void {
    for (let last = recorded.pop(); last !== undefined; last = recorded.pop()) {
      this.#ledger.forget(last);
    }
  }

  /** The write is one; each of the sweeps that it is for has a span of it. */
  async #append(decisions: readonly Decision[], [first, ...others]: readonly (string | undefined)[]): Promise<void> {
    const attributes = { decisions: decisions.length };
    const spans = others.map((parent) => this.#tracer.open("journal", { parent, attributes }));
    try {
      await this.#tracer.span("journal", { parent: first, attributes }, () => this.#journal.append(decisions));
      this.#fault = undefined;
    } catch (error) {
      this.#fault = `the decision journal cannot be written: ${errorText(error)}`;
      this.#inDoubt = true;
      if (error instanceof RuntimeError && error.code === "aborted") {
        this.#usurped = true;
        this.#fault = `the decision journal is not as this process left it: another process wrote it, or it was restored (${errorText(error)})`;
        this.#onUsurped?.(new RuntimeError("unavailable", this.#fault, { cause: error }));
      }
      throw new RuntimeError("unavailable", `no decision was made: ${this.#fault}`, { cause: error });
    } finally {
      for (const span of spans) {
        span.end();
      }
    }
  }

  /**
   * A write that failed may have reached the store all the same (the answer was lost). The journal is read before anything else is decided:
   * what it holds beyond our last sequence was decided, and is remembered and published now.
   */
  async #resolveDoubt(): Promise<void> {
    try {
      for (;;) {
        const found = await this.#journal.read({ after: this.#last.sequence, includeShadow: true, limit: 1_000 });
        const last = found.at(-1);
        if (last === undefined) {
          break;
        }
        for (const decision of found) {
          this.#ledger.trim(this.#ledger.record(decision));
        }
        this.#last = placeOfDecision(last);
        this.#publish(found);
      }
      this.#inDoubt = false;
      this.#fault = undefined;
    } catch (error) {
      const text = `no decision was made: the decision journal cannot be read: ${errorText(error)}`;
      throw new RuntimeError("unavailable", text, { cause: error });
    }
  }
}

function decisionsOf(result: Committed | Replaced | undefined): readonly Decision[] {
  return result !== undefined && "decisions" in result ? result.decisions : [];
}

/** R37. */
function inOrder(candidates: readonly Candidate[]): readonly Candidate[] {
  return candidates.length < 2 ? candidates : candidates.toSorted((a, b) => compareDecisions(a, b));
}
