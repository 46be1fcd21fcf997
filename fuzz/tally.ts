import type { Carrier, FuzzCall } from "./call.ts";
import { type Ending, NO_ANSWER } from "./sender.ts";

/** Answers by which the service says that it is at fault, and ways to end that are no answer. */
const FAULTS = /^(INTERNAL|UNKNOWN|DATA_LOSS|HTTP 5\d\d|HTTP 200|STATUS .*|RESET .*|LOST .*|NOT SENT .*)$/;
/** Where somebody is at fault again and again, the first calls show it. */
const MOST_FAULTS = 30;

/** Counts how calls ended, and keeps those that the service is at fault for. */
export class Tally {
  readonly #byRpc = new Map<string, Map<string, number>>();
  readonly #byCarrier = new Map<Carrier, number>();
  readonly #faults: string[] = [];
  #faulty = 0;
  #calls = 0;

  get calls(): number {
    return this.#calls;
  }

  add(call: FuzzCall, { code, message = "" }: Ending): void {
    this.#calls++;
    this.#byCarrier.set(call.carrier, (this.#byCarrier.get(call.carrier) ?? 0) + 1);
    const codes = this.#byRpc.get(call.rpc) ?? new Map<string, number>();
    this.#byRpc.set(call.rpc, codes);
    codes.set(code, (codes.get(code) ?? 0) + 1);
    if (code === NO_ANSWER || FAULTS.test(code)) {
      this.#faulty++;
      if (this.#faults.length < MOST_FAULTS) {
        this.#faults.push(
          `call ${call.number}, ${call.rpc} over ${call.carrier}: ${code} ${printable(message)}`.trimEnd(),
        );
      }
    }
  }

  /** What the service is at fault for, in words. */
  faults(): readonly string[] {
    const more = this.#faulty - this.#faults.length;
    return more > 0 ? [...this.#faults, `and ${more} more calls`] : this.#faults;
  }

  /**
   * The rpcs of these that were never answered with OK: calls that are all refused prove little.
   */
  neverServed(rpcs: readonly string[]): readonly string[] {
    return rpcs.filter((rpc) => {
      const codes = this.#byRpc.get(rpc);
      return !codes?.has("OK") && !codes?.has("LEFT");
    });
  }

  /** Two tables: calls by carrier, and by rpc and code. */
  text(): string {
    const carriers = [...this.#byCarrier].sort().map(([carrier, count]) => `${carrier} ${count}`);
    const rpcs = [...this.#byRpc]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([rpc, codes]) => {
        const counts = [...codes].sort(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
        return `  ${rpc.padEnd(44)} ${counts.join(", ")}`;
      });
    return [`by carrier: ${carriers.join(", ")}`, "by rpc and code:", ...rpcs].join("\n");
  }
}

function printable(message: string): string {
  return message.replace(/[^ -~]/gu, ".").slice(0, 500);
}
