import type { Place } from "../../../domain/place.ts";
import type { Broadcast } from "../../streams/broadcast.ts";
import type { Published } from "./batches.ts";

/** The journal as readers follow it, whoever writes it: its end, and what is added there. */
export interface DecisionLog {
  /** The journal's identity, which tokens name. */
  readonly identity: string;
  readonly published: Broadcast<Published>;
  /** Of the last decision committed. */
  last(): Place;
  /**
   * Every decision on bars that closed up to this market time is in the journal; 0 where nobody
   * says so.
   */
  watermark(): number;
}
