/** Hands each item to all that listen at that moment, in order of their coming. */
export class Broadcast<T> {
  readonly #listeners = new Set<(item: T) => void>();

  get listeners(): number {
    return this.#listeners.size;
  }

  send(item: T): void {
    for (const listener of [...this.#listeners]) {
      listener(item);
    }
  }

  /** Answers with what ends the listening. */
  listen(listener: (item: T) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
