/**
 * Runs tasks one after the other, in the order of their coming, one that has nothing to wait for at
 * once; a failure stops no later one.
 */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();
  #open = 0;

  run<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#open === 0 ? task() : this.#last.then(task);
    this.#open++;
    const end = (): void => {
      this.#open--;
    };
    // Never rejects.
    this.#last = result.then(end, end);
    return result;
  }
}
