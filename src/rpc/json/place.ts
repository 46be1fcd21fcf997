import type { DescMessage } from "@bufbuild/protobuf";
import type { Notes } from "./notes.ts";

/** Where a message stands in the request. */
export interface Place {
  /** Takes what is wrong with it. */
  readonly notes: Notes;
  /** From the message whose faults `notes` takes. */
  readonly path: string;
  /** From the request, by local names and indexes. */
  readonly steps: readonly (string | number)[];
  /** The messages around it, the innermost last. */
  readonly around: readonly DescMessage[];
  readonly budget: Budget;
}

/** What is still done for one request. */
export interface Budget {
  /** Misspelt keys and names that are looked up: comparing takes its time. */
  guesses: number;
  /** Values that are read out of texts. */
  quoted: number;
}

/** A message inside the request that carries its own faults. */
export interface Apart {
  readonly steps: readonly (string | number)[];
  readonly notes: Notes;
}
