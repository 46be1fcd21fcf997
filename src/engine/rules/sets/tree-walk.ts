import type { GrowingInts } from "./growing-ints.ts";
import type { SetRule } from "./set-rule.ts";

/** Numbers before a program's steps: how many these are, and 1 where all parts must hold. */
const HEAD = 2;
/** Steps around a part. A condition's step is twice its number, one more where turned round. */
const OPEN = -1;
const CLOSE = -2;

/** Parts within one another: eight at most in a rule (R59). */
const DEEPEST = 16;
/** Steps that a walk has room for at first. */
const USUAL_STEPS = 64;

/** Appends the program of a rule, and answers how many numbers the program takes. */
export function pushProgram(rule: SetRule, idOf: (place: number) => number, into: GrowingInts): number {
  const first = into.length;
  into.push(0);
  into.push(rule.kind === "or" ? 0 : 1);
  const step = (part: SetRule): void => {
    if (part.kind === "condition") {
      into.push(2 * idOf(part.place) + (part.isTurned ? 1 : 0));
      return;
    }
    into.push(OPEN);
    part.parts.forEach(step);
    into.push(CLOSE);
  };
  (rule.kind === "condition" ? [rule] : rule.parts).forEach(step);
  const length = into.length - first;
  into.data[first] = length - HEAD;
  return length;
}

/** How many numbers the program at `first` takes. */
export function programLength(programs: Int32Array, first: number): number {
  return HEAD + (programs[first] as number);
}

/** The rows of conditions: of the symbols that meet one, and of those that may. */
export interface ConditionRows {
  readonly rows: Int32Array;
  metAt(condition: number): number;
  mayAt(condition: number): number;
}

/** Walks one program after the other over words of symbols. Walking makes nothing. */
export class TreeWalk {
  readonly #source: ConditionRows;
  #isAnd = true;
  #length = 0;
  /** By step: where the condition's rows begin; CLOSE at steps that are none. */
  #met = new Int32Array(USUAL_STEPS);
  #may = new Int32Array(USUAL_STEPS);
  /** By step: -1 where the condition is turned round, else 0; where OPEN, the step that closes. */
  #extra = new Int32Array(USUAL_STEPS);
  /** Of the parts around the one that is walked. */
  readonly #outerWords = new Int32Array(DEEPEST);
  readonly #outerEnds = new Int32Array(DEEPEST);

  constructor(source: ConditionRows) {
    this.#source = source;
  }

  /** Makes ready to walk the program at `first`. */
  take(programs: Int32Array, first: number): void {
    const length = programs[first] as number;
    if (length > this.#met.length) {
      this.#met = new Int32Array(length);
      this.#may = new Int32Array(length);
      this.#extra = new Int32Array(length);
    }
    this.#length = length;
    this.#isAnd = programs[first + 1] === 1;
    let depth = 0;
    for (let i = 0; i < length; i++) {
      const step = programs[first + HEAD + i] as number;
      if (step >= 0) {
        const isTurned = (step & 1) === 1;
        const [met, may] = [this.#source.metAt(step >> 1), this.#source.mayAt(step >> 1)];
        // Those that do not meet a condition for certain are all but those that may meet it.
        this.#met[i] = isTurned ? may : met;
        this.#may[i] = isTurned ? met : may;
        this.#extra[i] = isTurned ? -1 : 0;
      } else {
        this.#met[i] = step;
        this.#may[i] = step;
        if (step === OPEN) {
          this.#outerEnds[depth++] = i;
        } else {
          this.#extra[this.#outerEnds[--depth] as number] = i;
        }
      }
    }
  }

  /** Of word `w`, the symbols on which the rule holds. */
  met(w: number): number {
    return this.#walk(this.#met, w);
  }

  /** Of word `w`, the symbols on which the rule may hold. */
  may(w: number): number {
    return this.#walk(this.#may, w);
  }

  /** A part is left where no symbol is left in its intersection. */
  #walk(places: Int32Array, w: number): number {
    const { rows } = this.#source;
    const extra = this.#extra;
    let isAnd = this.#isAnd;
    let word = isAnd ? -1 : 0;
    let end = this.#length;
    let depth = 0;
    for (let i = 0; i < this.#length; i++) {
      const place = places[i] as number;
      let own = 0;
      if (place >= 0) {
        own = (rows[place + w] as number) ^ (extra[i] as number);
      } else if (place === OPEN) {
        this.#outerWords[depth] = word;
        this.#outerEnds[depth++] = end;
        isAnd = !isAnd;
        word = isAnd ? -1 : 0;
        end = extra[i] as number;
        continue;
      } else {
        own = word;
        word = this.#outerWords[--depth] as number;
        end = this.#outerEnds[depth] as number;
        isAnd = !isAnd;
      }
      word = isAnd ? word & own : word | own;
      if (isAnd && word === 0) {
        i = end - 1;
      }
    }
    return word;
  }
}
