import type { Policy, PolicyChange } from "../domain/policy.ts";

/**
 * Keeps the Meta Strategy Controller's orders. The controller may write the store itself.
 *
 * `read` and `change` fail with `unavailable` where the store cannot be reached or answers too
 * late, with `failed_precondition` where it holds a value that cannot be read (a risk mode that
 * does not exist, a confidence that is no finite number at or above 0): never a default in its
 * place (R29).
 */
export interface PolicyStore {
  /**
   * Connects and migrates. Called before any other method; again, where it failed with
   * `unavailable`.
   */
  ready(): Promise<void>;
  /**
   * One consistent snapshot: all parts as of one moment. Absent parts are those of DEFAULT_POLICY;
   * an empty regime is absent.
   */
  read(): Promise<Policy>;
  /**
   * Changes the parts given, all or none, and answers with the snapshot after it. Parts not given
   * may be unreadable: they then fail the answer, not the change. One that fails with `unavailable`
   * may have been made all the same, where the answer was lost.
   */
  change(change: PolicyChange): Promise<Policy>;
  /**
   * Yields after a change made through this port, by this process or another; several may become
   * one. Ends when the signal aborts. Of what is written into the store past the port it need not
   * tell: whoever must know reads now and then.
   */
  changes(signal: AbortSignal): AsyncIterable<void>;
  /** Idempotent. */
  close(): Promise<void>;
}
