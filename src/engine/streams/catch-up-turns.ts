interface Waiting {
  readonly left: number;
  readonly begin: () => void;
}

/**
 * Lets few of many work at a time, those with the least left to do first: readers that come back
 * together must neither take the store from whoever writes, nor keep one from going on that is
 * nearly there.
 */
export class CatchUpTurns {
  readonly #most: number;
  #atWork = 0;
  readonly #waiting = new Set<Waiting>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Runs the work in its turn; undefined where the signal came before it began. */
  async run<T>(left: number, signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    if (!(await this.#mayBegin(left, signal))) {
      return undefined;
    }
    try {
      return await work();
    } finally {
      this.#atWork--;
      this.#next();
    }
  }

  /** Counts as at work from the moment in which it is let in. */
  #mayBegin(left: number, signal: AbortSignal): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const giveUp = () => {
      this.#waiting.delete(one);
      resolve(false);
    };
    const one: Waiting = {
      left,
      begin: () => {
        signal.removeEventListener("abort", giveUp);
        this.#waiting.delete(one);
        this.#atWork++;
        resolve(true);
      },
    };
    if (signal.aborted) {
      resolve(false);
    } else {
      signal.addEventListener("abort", giveUp, { once: true });
      this.#waiting.add(one);
      this.#next();
    }
    return promise;
  }

  #next(): void {
    while (this.#atWork < this.#most && this.#waiting.size > 0) {
      const first = this.#waiting.values().reduce((least, each) => (each.left < least.left ? each : least));
      first.begin();
    }
  }
}
