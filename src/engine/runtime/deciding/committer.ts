import { type Decision, isOpening } from "../../../domain/decision.ts";
import { RuntimeError } from "../../../domain/errors.ts";
import { BEFORE_ALL, type Place, placeOfDecision } from "../../../domain/place.ts";
import type { DecisionJournal } from "../../../ports/decision-journal.ts";
import type { PositionBook } from "../../../ports/position-book.ts";
import { NO_TRACER, type Tracer } from "../../../ports/tracer.ts";
import { decideExit, type ExitCandidate } from "../../rules/exits/exit-candidate.ts";
import type { Candidate } from "../../rules/judging/candidate.ts";
import { type Answer, type Decider, type ExitMemory, REPLACED } from "./decider.ts";
import type { DecisionMemory } from "./decision-memory.ts";
import { earliestEnd } from "./earliest-end.ts";
import { type Committed, forgetAll, gated, inOrder } from "./gating.ts";
import { JournalWriter, type JournalWriterOptions } from "./journal-writer.ts";
import { DecisionRecall } from "./recall.ts";
import type { Remembered } from "./remembered.ts";
import { ALL_IN_FORCE, type StillInForce } from "./still-in-force.ts";

interface Submission {
  readonly candidates: readonly Candidate[];
  readonly exits: readonly ExitCandidate[];
  readonly isFinal: boolean;
  /** Names the sweep that the candidates are from, where that is traced. */
  readonly traceparent: string | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** The answer where there are no candidates. */
const NOTHING: Promise<Committed> = Promise.resolve({ decisions: [], refused: [] });

export interface CommitterOptions extends JournalWriterOptions {
  readonly journal: DecisionJournal;
  readonly memory: DecisionMemory;
  /** Asked which decisions of other times hold no place any more. */
  readonly positions: Pick<PositionBook, "settled">;
  readonly publish: (decisions: readonly Decision[]) => void;
  /** Absent: no exits are decided. */
  readonly exits?: ExitMemory;
  /**
   * Compares candidates with what is in force when it is called, or with what will have expired by
   * `atLeast` (market time), where that is later; absent: all is as it was judged.
   */
  readonly inForce?: (atLeast: number | undefined) => StillInForce;
  /** Resolves once this process may decide, and fails where it may not; absent: it always may. */
  readonly settled?: () => Promise<void>;
}

/**
 * The only way to the journal. Gates, journal, state and publication run one group at a time, so
 * that no two sweeps can both pass a cooldown; submissions that arrive during a write form the next
 * group. A decision is published only after the journal has it, and a journal that cannot be
 * written leaves nothing behind (R38).
 */
export class Committer implements Decider {
  readonly #writer: JournalWriter;
  readonly #memory: DecisionMemory;
  readonly #past: DecisionRecall;
  readonly #publish: (decisions: readonly Decision[]) => void;
  readonly #tracer: Tracer;
  readonly #exits: ExitMemory | undefined;
  readonly #inForce: (atLeast: number | undefined) => StillInForce;
  readonly #settled: CommitterOptions["settled"];
  #queue: Submission[] = [];
  #last = BEFORE_ALL;
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: CommitterOptions) {
    this.#writer = new JournalWriter(options);
    this.#memory = options.memory;
    this.#past = new DecisionRecall(options);
    this.#publish = options.publish;
    this.#exits = options.exits;
    this.#tracer = options.tracer ?? NO_TRACER;
    this.#inForce = options.inForce ?? (() => ALL_IN_FORCE);
    this.#settled = options.settled;
  }

  /** Place of the last decision committed. */
  get last(): Place {
    return this.#last;
  }

  /** Why the journal cannot be written, where a write has failed and none has succeeded since. */
  get fault(): string | undefined {
    return this.#writer.fault;
  }

  /**
   * Whether the fate of a write is unknown: a decision may be journaled that nobody has been told
   * of yet.
   */
  get isInDoubt(): boolean {
    return this.#writer.isInDoubt;
  }

  /**
   * Where a write has failed: asks the journal what became of it, and tries whether one would
   * succeed now. Says nothing where the journal cannot be asked. To be called again and again.
   */
  async settleDoubt(): Promise<void> {
    const isSound = this.fault === undefined && !this.isInDoubt;
    if (!isSound && !this.#writer.isUsurped && this.#running === undefined) {
      await this.commit([]).catch(() => undefined);
    }
  }

  /** Begins after the decisions that the memory was filled with. */
  start(last: Place): void {
    this.#last = last;
  }

  /**
   * Gates and journals a sweep's candidates. Rejects with `unavailable` where the journal cannot be
   * written: nothing was decided then. `isFinal`: they are not judged again, so those that were
   * replaced are refused one by one, and the others decided. `exits` go first (R87).
   */
  commit(candidates: readonly Candidate[], isFinal = false, exits: readonly ExitCandidate[] = []): Promise<Answer> {
    if (candidates.length === 0 && exits.length === 0 && this.#isAtRest) {
      return NOTHING;
    }
    if (this.#closed) {
      return Promise.reject(new RuntimeError("unavailable", "no decision was made: this engine has ended"));
    }
    const ordered = inOrder(candidates);
    const traceparent = this.#tracer.traceparent();
    return new Promise((resolve, reject) => {
      this.#queue.push({ candidates: ordered, exits, isFinal, traceparent, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /**
   * Resolves once nothing is on its way to the journal; nothing gets there any more from then on.
   * Another engine may decide next, and knows nothing of what this one would add.
   */
  async stop(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  /**
   * R33: what `commit` would answer, with nothing remembered. Sequences stay 0. What is on its way
   * to the journal counts as decided. `traceparent`: of the sweep, where it is traced and its
   * decisions should say so.
   */
  async rehearse(candidates: readonly Candidate[], traceparent?: string): Promise<Committed> {
    const ordered = inOrder(candidates);
    const parent = this.#tracer.traceparent();
    const past = await this.#past.of(ordered);
    const recorded: Remembered[] = [];
    const decide = (candidate: Candidate) => candidate.decide(0, traceparent);
    try {
      const gating = { memory: this.#memory, past, recorded, inForce: ALL_IN_FORCE, tracer: this.#tracer };
      return gated(ordered, gating, parent, decide);
    } finally {
      forgetAll(this.#memory, recorded);
    }
  }

  /** Whether nothing is on its way to the journal, and nothing to be asked of it. */
  get #isAtRest(): boolean {
    return this.#running === undefined && !this.isInDoubt && this.fault === undefined;
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
    if (this.#writer.isUsurped) {
      throw new RuntimeError("unavailable", `no decision was made: ${this.fault}`);
    }
    await this.#settled?.();
    if (this.#writer.isInDoubt) {
      await this.#resolveDoubt();
    }
    // A write that came too late wrote nothing: what has expired is refused then, and the rest is
    // written.
    let tooLateFor = await this.#tryGroup(group, undefined);
    while (tooLateFor !== undefined) {
      const before: number = tooLateFor;
      tooLateFor = await this.#tryGroup(group, before);
      if (tooLateFor !== undefined && tooLateFor <= before) {
        // Nothing that expires by then may be left: to try on and on would keep everybody waiting.
        const text = `no decision was made: one that expires at ${tooLateFor} was to be written after ${before}`;
        throw new RuntimeError("internal", text);
      }
    }
    if (group.every(({ candidates, exits }) => candidates.length === 0 && exits.length === 0)) {
      await this.#writer.probe();
    }
  }

  /**
   * Decides as of now, or of `atLeast` where that is later. Answers undefined where what was
   * decided is in the journal, else the moment at which its first decision expired.
   */
  async #tryGroup(group: readonly Submission[], atLeast: number | undefined): Promise<number | undefined> {
    const past = await this.#past.of(group.flatMap(({ candidates }) => candidates));
    const recorded: Remembered[] = [];
    try {
      const inForce = this.#inForce(atLeast);
      const gating = { memory: this.#memory, past, recorded, inForce, tracer: this.#tracer };
      let { sequence } = this.#last;
      const results = group.map(({ candidates, exits, isFinal, traceparent }): Answer => {
        const mustBeJudgedAgain = !isFinal && inForce.areReplaced(candidates);
        if (mustBeJudgedAgain) {
          return REPLACED;
        }
        const left = exits
          .filter((exit) => this.#exits?.mayDecide(exit) === true)
          .map((exit) => decideExit(exit, ++sequence, traceparent));
        const decide = (candidate: Candidate) => {
          const decision = candidate.decide(sequence + 1, traceparent);
          sequence++;
          return decision;
        };
        const { decisions, refused } = gated(candidates, gating, traceparent, decide);
        return { decisions: left.length === 0 ? decisions : [...left, ...decisions], refused };
      });
      const all = results.flatMap((result) => decisionsOf(result));
      const sweeps = group.filter((_, i) => decisionsOf(results[i]).length > 0);
      if (!(await this.#isWritten(all, sweeps))) {
        return earliestEnd(all);
      }
      for (const each of recorded.splice(0)) {
        this.#memory.trim(each);
      }
      const last = all.at(-1);
      if (last !== undefined) {
        this.#last = placeOfDecision(last);
        this.#exits?.decided(all);
        this.#publish(all);
      }
      group.forEach((submission, i) => {
        submission.resolve(results[i] ?? { decisions: [], refused: [] });
      });
      return undefined;
    } finally {
      // Decisions that were not journaled were not made (R38).
      forgetAll(this.#memory, recorded);
    }
  }

  /** Whether the write was in time; fails where it could not be made at all. */
  async #isWritten(decisions: readonly Decision[], sweeps: readonly Submission[]): Promise<boolean> {
    if (decisions.length === 0) {
      return true;
    }
    const traceparents = sweeps.map(({ traceparent }) => traceparent);
    try {
      await this.#writer.append(decisions, traceparents);
      return true;
    } catch (error) {
      if (error instanceof RuntimeError && error.code === "deadline_exceeded") {
        return false;
      }
      throw error;
    }
  }

  /**
   * A write that failed may have reached the store all the same (the answer was lost). The journal
   * is read before anything else is decided: what it holds beyond our last sequence was decided,
   * and is remembered and published now.
   */
  #resolveDoubt(): Promise<void> {
    return this.#writer.readBack(this.#last.sequence, (found) => {
      for (const decision of found) {
        if (isOpening(decision)) {
          this.#memory.trim(this.#memory.record(decision));
        }
        this.#last = placeOfDecision(decision);
      }
      this.#exits?.decided(found);
      this.#publish(found);
    });
  }
}

function decisionsOf(answer: Answer | undefined): readonly Decision[] {
  return answer === undefined || answer === REPLACED ? [] : answer.decisions;
}
