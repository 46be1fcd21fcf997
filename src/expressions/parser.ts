import { isTimeframe, TIMEFRAMES, type Timeframe } from "../domain/timeframe.ts";
import { timeframeMeant } from "../domain/timeframe-spelling.ts";
import { parseIndicator } from "../indicators/grammar.ts";
import type { Indicator } from "../indicators/indicator.ts";
import type { Call, Expression, FunctionName, Sign, Term } from "./expression.ts";
import { FUNCTIONS, termsOf } from "./expression.ts";
import { MOST_OPERANDS } from "./program.ts";
import { LONGEST_LAG, readingOf, takesSource } from "./readings.ts";
import { Scanner, type Token } from "./scanner.ts";

/** R52. */
const MOST_OPEN = 8;

/** A fault of a text, with its place in it. */
export class SyntaxFault {
  readonly description: string;

  constructor(at: number, problem: string) {
    this.description = `at character ${at + 1}: ${problem}`;
  }
}

/** R52's grammar, by recursive descent: at most as deep as parentheses may be open. */
export class Parser {
  readonly #text: string;
  readonly #scanner: Scanner;
  #token: Token;
  #open = 0;
  #operands = 0;
  /** Whether it is inside of a source, where no reading has a timeframe. */
  #isInSource = false;

  constructor(text: string) {
    this.#text = text;
    this.#scanner = new Scanner(text);
    this.#token = this.#scanner.next();
  }

  /** Throws a SyntaxFault where the text is no expression. */
  parse(): Expression {
    const expression = this.#expression();
    if (this.#token.kind !== "end") {
      throw this.#unexpected(`"+", "-", "*", "/" or the end`, joining(this.#token));
    }
    return expression;
  }

  #expression(): Expression {
    let left = this.#term();
    for (let sign = this.#takeSign("+", "-"); sign !== undefined; sign = this.#takeSign("+", "-")) {
      left = { kind: sign, left, right: this.#term() };
    }
    return left;
  }

  #term(): Expression {
    let left = this.#unary();
    for (let sign = this.#takeSign("*", "/"); sign !== undefined; sign = this.#takeSign("*", "/")) {
      left = { kind: sign, left, right: this.#unary() };
    }
    return left;
  }

  #unary(): Expression {
    return this.#takeSign("-") === undefined ? this.#primary() : { kind: "negative", of: this.#primary() };
  }

  #primary(): Expression {
    const { kind, text, at } = this.#token;
    if (kind === "number") {
      this.#countOperand(at);
      const value = Number(text);
      if (!Number.isFinite(value)) {
        throw new SyntaxFault(at, `${text} is not a finite number`);
      }
      this.#advance();
      return { kind: "number", value };
    }
    if (kind === "name") {
      const name = text.toUpperCase();
      return name in FUNCTIONS ? this.#call(name as FunctionName) : this.#reading();
    }
    if (!this.#isSign("(")) {
      throw this.#unexpected(`an indicator, a number or "("`);
    }
    this.#enter();
    const inner = this.#expression();
    this.#leave();
    return inner;
  }

  #call(name: FunctionName): Call {
    const { at } = this.#token;
    this.#advance();
    if (!this.#isSign("(")) {
      const rows = name === "ABS" ? "" : `, or ${name}_20 for the last 20 values`;
      const example = name === "ABS" ? "ABS(CLOSE - OPEN)" : `${name}(OPEN, CLOSE)`;
      throw new SyntaxFault(at, `${name} is a function: write ${name}(…), as in ${example}${rows}`);
    }
    this.#enter();
    const operands = [this.#expression()];
    while (operands.length < FUNCTIONS[name] && this.#isSign(",")) {
      this.#advance();
      operands.push(this.#expression());
    }
    if (name !== "ABS" && operands.length === 1) {
      throw this.#unexpected(`"," and another operand of ${name}`);
    }
    this.#leave();
    return { kind: name, operands };
  }

  #reading(): Term {
    const { text, at } = this.#token;
    const indicator = this.#indicator();
    this.#countOperand(at);
    this.#advance();
    const source = this.#isSign("(") ? this.#source(indicator, text, at) : undefined;
    const lag = this.#isSign("[") ? this.#lag(indicator) : 0;
    const reading = readingOf(indicator, source, lag);
    if (!this.#isSign("@")) {
      return { kind: "reading", reading };
    }
    return { kind: "reading", reading, timeframe: this.#timeframe() };
  }

  #indicator(): Indicator {
    const { text, at } = this.#token;
    const parsed = parseIndicator(text);
    if ("fault" in parsed) {
      throw new SyntaxFault(at, this.#shifted(at) ?? parsed.fault);
    }
    return parsed.indicator;
  }

  /** Other programs write bars before as calls: close.shift(1). */
  #shifted(at: number): string | undefined {
    const [written, name = "", bars] = /^([\w.]+)\.shift\(\s*(\d+)\s*\)/i.exec(this.#text.slice(at)) ?? [];
    const parsed = parseIndicator(name);
    return written === undefined || "fault" in parsed
      ? undefined
      : `${JSON.stringify(written)} is no indicator: did you mean ${parsed.indicator.name}[${bars}]?`;
  }

  #source(indicator: Indicator, name: string, at: number): Expression {
    // A name with its numbers has its parameters already.
    if (!/\d/.test(name)) {
      this.#refuseParameters(at);
    }
    if (!takesSource(indicator)) {
      const { base } = indicator;
      throw new SyntaxFault(
        this.#token.at,
        `${base} takes no source, for it is not computed from one series: write ${name}`,
      );
    }
    const outside = this.#isInSource;
    this.#isInSource = true;
    const { at: start } = this.#token;
    this.#enter();
    const source = this.#expression();
    if (termsOf(source).length === 0) {
      throw new SyntaxFault(start + 1, `the source of ${indicator.name} needs an indicator`);
    }
    if (this.#isSign(",")) {
      const hint = `its parameters stand in its name, as in ${indicator.name}(CLOSE)`;
      throw new SyntaxFault(this.#token.at, `the source of ${indicator.name} is one expression: ${hint}`);
    }
    this.#leave();
    this.#isInSource = outside;
    return source;
  }

  /** Other programs write parameters in parentheses: RSI(14) and SMA(close, 20). */
  #refuseParameters(at: number): void {
    const [called] = /^[^()]*\([^()]*\)/.exec(this.#text.slice(at)) ?? [];
    if (called === undefined || !/\(\s*\d+\s*\)$|,/.test(called)) {
      return;
    }
    const parsed = parseIndicator(called);
    if ("fault" in parsed) {
      throw new SyntaxFault(at, parsed.fault);
    }
  }

  #lag({ name }: Indicator): number {
    this.#advance();
    const { kind, text, at } = this.#token;
    const lag = kind === "number" && /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!(lag >= 1 && lag <= LONGEST_LAG)) {
      const found = shown(this.#token);
      const now = lag === 0 ? `: write ${name} for the bar itself` : "";
      throw new SyntaxFault(at, `expected bars before this one, 1 to ${LONGEST_LAG}, found ${found}${now}`);
    }
    this.#advance();
    this.#close("]");
    return lag;
  }

  #timeframe(): Timeframe {
    const { at } = this.#token;
    if (this.#isInSource) {
      throw new SyntaxFault(
        at,
        `no reading in a source has a timeframe: write it behind the whole, as in SMA_20(VOLUME)@4h`,
      );
    }
    const token = this.#scanner.word();
    if (!isTimeframe(token.text)) {
      const meant = timeframeMeant(token.text);
      const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
      throw new SyntaxFault(
        token.at,
        `expected a timeframe, one of ${TIMEFRAMES.join(" ")}, case-sensitive, found ${shown(token)}${hint}`,
      );
    }
    this.#advance();
    if (this.#isSign("[")) {
      throw new SyntaxFault(
        this.#token.at,
        `bars before stand in front of the timeframe, as in RSI_14[1]@${token.text}`,
      );
    }
    return token.text;
  }

  #countOperand(at: number): void {
    this.#operands++;
    if (this.#operands > MOST_OPERANDS) {
      throw new SyntaxFault(at, `at most ${MOST_OPERANDS} indicators and numbers are taken: split the expression`);
    }
  }

  #enter(): void {
    this.#open++;
    if (this.#open > MOST_OPEN) {
      throw new SyntaxFault(this.#token.at, `at most ${MOST_OPEN} parentheses may be open at once`);
    }
    this.#advance();
  }

  #leave(): void {
    this.#open--;
    this.#close(")");
  }

  #close(sign: ")" | "]"): void {
    if (!this.#isSign(sign)) {
      throw this.#unexpected(sign === ")" ? `"+", "-", "*", "/" or ")"` : `"]"`);
    }
    this.#advance();
  }

  #isSign(sign: string): boolean {
    return this.#token.kind === "sign" && this.#token.text === sign;
  }

  #takeSign<T extends Sign>(...signs: readonly T[]): T | undefined {
    const sign = signs.find((each) => this.#isSign(each));
    if (sign !== undefined) {
      this.#advance();
    }
    return sign;
  }

  #advance(): void {
    this.#token = this.#scanner.next();
  }

  #unexpected(expected: string, hint = ""): SyntaxFault {
    return new SyntaxFault(this.#token.at, `expected ${expected}, found ${shown(this.#token)}${hint}`);
  }
}

/** What to write in place of a comparison, or of several joined, that stands in one text. */
function joining({ kind, text }: Token): string {
  if (/^[<>=!]$/.test(text)) {
    return ": what it is compared with stands in operator, and in value or indicator";
  }
  return /^[&|]$/.test(text) || (kind === "name" && /^(?:and|or|not)$/i.test(text))
    ? ": give each comparison as a condition of its own"
    : "";
}

function shown({ kind, text }: Token): string {
  return kind === "end" ? "the end" : JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
