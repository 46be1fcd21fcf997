import type { Message } from "@bufbuild/protobuf";
import type { ReadFault } from "../../domain/errors.ts";

const kept = new WeakMap<Message, readonly ReadFault[]>();

/** Keeps what was wrong with a message when it was read, for whoever translates the message. */
export function keepFaults(message: Message, faults: readonly ReadFault[]): void {
  if (faults.length > 0) {
    kept.set(message, faults);
  }
}

/** What was wrong with a message when it was read; undefined where nothing was. */
export function faultsOf(message: Message): readonly ReadFault[] | undefined {
  return kept.get(message);
}
