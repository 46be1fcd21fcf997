/** A piece of an expression's text. */
export interface Token {
  readonly kind: "name" | "number" | "sign" | "end" | "other";
  readonly text: string;
  /** 0-based place of its first character. */
  readonly at: number;
}

const BLANKS = /[ \t\r\n]*/y;
/** Names of indicators hold points and no other signs: BB_UPPER_20_2.5. */
const NAME = /[A-Za-z_][A-Za-z0-9_.]*/y;
const NUMBER = /[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /[A-Za-z0-9]+/y;
const SIGN = /[-+*/()[\],@]/y;

/** Reads a text piece by piece; blanks between them are passed over. */
export class Scanner {
  readonly text: string;
  #place = 0;

  constructor(text: string) {
    this.text = text;
  }

  next(): Token {
    const at = this.#start();
    return (
      this.#match("name", NAME, at) ??
      this.#match("number", NUMBER, at) ??
      this.#match("sign", SIGN, at) ??
      this.#rest(at)
    );
  }

  /** Letters and digits in any order, as timeframes are written. */
  word(): Token {
    const at = this.#start();
    return this.#match("name", WORD, at) ?? this.#match("sign", SIGN, at) ?? this.#rest(at);
  }

  #start(): number {
    BLANKS.lastIndex = this.#place;
    BLANKS.exec(this.text);
    return BLANKS.lastIndex;
  }

  #match(kind: Token["kind"], pattern: RegExp, at: number): Token | undefined {
    pattern.lastIndex = at;
    const [text] = pattern.exec(this.text) ?? [];
    if (text === undefined) {
      return undefined;
    }
    this.#place = at + text.length;
    return { kind, text, at };
  }

  /** The end, or a character that no expression holds. */
  #rest(at: number): Token {
    const code = this.text.codePointAt(at);
    const text = code === undefined ? "" : String.fromCodePoint(code);
    this.#place = at + text.length;
    return { kind: code === undefined ? "end" : "other", text, at };
  }
}
