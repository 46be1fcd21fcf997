import { type ExecProtocolOptions, PGlite } from "@electric-sql/pglite";
import { errorText } from "../../domain/errors.ts";

/**
 * PGlite that is given nothing more once it has failed for good.
 *
 * A failure with severity PANIC (its log could not be written or synced) has a server of PostgreSQL
 * start anew. PGlite goes on, and at the next statement, a rollback or its own end too, is in a
 * loop without end, which holds the whole process. Here they fail, with what to do.
 */
export class StoppingPglite extends PGlite {
  #panic: unknown;

  override execProtocol(message: Uint8Array, options?: ExecProtocolOptions): ReturnType<PGlite["execProtocol"]> {
    return this.#unlessPanic(() => super.execProtocol(message, options));
  }

  override execProtocolStream(
    message: Uint8Array,
    options?: ExecProtocolOptions,
  ): ReturnType<PGlite["execProtocolStream"]> {
    return this.#unlessPanic(() => super.execProtocolStream(message, options));
  }

  /**
   * What is left of one that failed for good is not its to end: its folder is as after a cut of
   * power.
   */
  override close(): Promise<void> {
    return this.#panic === undefined ? super.close() : Promise.resolve();
  }

  async #unlessPanic<Result>(run: () => Promise<Result>): Promise<Result> {
    if (this.#panic !== undefined) {
      const text = `it stopped, since ${errorText(this.#panic)}; see to the disk of DATA_DIR and restart the service`;
      throw new Error(text, { cause: this.#panic });
    }
    try {
      return await run();
    } catch (error) {
      if (error instanceof Error && "severity" in error && error.severity === "PANIC") {
        this.#panic = error;
      }
      throw error;
    }
  }
}
