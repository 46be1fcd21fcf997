import type { Decision } from "../../../domain/decision.ts";
import type { ExitCandidate } from "../../rules/exits/exit-candidate.ts";
import type { Candidate } from "../../rules/judging/candidate.ts";
import type { Committed } from "./gating.ts";

/** What is remembered of decisions on exits (R87). */
export interface ExitMemory {
  /** Whether one may be made: the position is open, and none was made on its bar or later. */
  mayDecide(candidate: ExitCandidate): boolean;
  /** The journal has them; openings are none of its own. */
  decided(decisions: readonly Decision[]): void;
}

/** The answer where candidates must be judged again: nothing became of any of them. */
export const REPLACED: unique symbol = Symbol("replaced");
export type Answer = Committed | typeof REPLACED;

/**
 * Makes decisions of candidates. The `Committer` journals them and tells who follows; a
 * `MemoryDecider` keeps them to itself.
 */
export interface Decider {
  /**
   * Whether the fate of a write is unknown: a decision may be kept that nobody has been told of
   * yet.
   */
  readonly isInDoubt: boolean;
  /** Tries to learn the fate of a write, where it is unknown. To be called again and again. */
  settleDoubt(): Promise<void>;
  /**
   * `isFinal`: the candidates are not judged again, so those that were replaced are refused one by
   * one. `exits` go first (R87).
   */
  commit(candidates: readonly Candidate[], isFinal?: boolean, exits?: readonly ExitCandidate[]): Promise<Answer>;
  /**
   * R33: answers as `commit` would, with nothing remembered. `traceparent`: of the sweep, where it
   * is traced and its decisions should say so.
   */
  rehearse(candidates: readonly Candidate[], traceparent?: string): Promise<Committed>;
}
