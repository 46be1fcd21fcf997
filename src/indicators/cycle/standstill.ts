/** How long a series has stood still. */
export class Standstill {
  /** How many values in a row were equal. */
  same = 0;
  private last = Number.NaN;

  push(value: number): void {
    this.same = value === this.last ? this.same + 1 : 1;
    this.last = value;
  }
}
