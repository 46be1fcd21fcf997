import type { IncomingMessage } from "node:http";

/** So many are forgiven, whatever their size. */
const FREE_PIECES = 1_000;
/** Bytes that each piece must have on average beyond that. */
const LEAST_PIECE = 24;

/**
 * Looks at the pieces in which a body of no length comes: an HTTP chunk of one byte takes as much
 * time as one of a thousand, and Node makes an object of each, 10,000 of one read.
 *
 * So this stands in front of the method by which Node's parser hands on each, and drops what comes
 * once they are too small. `onTiny` hears of that at once.
 */
export class BodyPieces {
  #pieces = 0;
  #bytes = 0;
  #areTiny = false;

  constructor(request: IncomingMessage, onTiny: () => void) {
    const push = request.push.bind(request);
    request.push = (piece: Buffer | null, ...rest) => {
      if (piece !== null) {
        this.#pieces++;
        this.#bytes += piece.length;
      }
      if (this.#areTiny) {
        return true;
      }
      if (this.#pieces > FREE_PIECES && this.#bytes < this.#pieces * LEAST_PIECE) {
        this.#areTiny = true;
        onTiny();
      }
      return push(piece, ...rest);
    };
  }

  /** Whether they are too small for what they are: nothing more of them is kept. */
  get areTiny(): boolean {
    return this.#areTiny;
  }
}
