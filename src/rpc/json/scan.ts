import type { DescMessage } from "@bufbuild/protobuf";
import type { Violation } from "../../domain/errors.ts";
import { JsonCounts, type ListCount } from "./counts.ts";
import { type LongList, LongLists } from "./long-lists.ts";
import { shapeOf } from "./shape.ts";

/** What JSON.parse does not say, and what must be known before it. */
export interface Scan {
  /** Paths to keys that come twice in one object, of which JSON.parse keeps the last. */
  readonly repeated: readonly (readonly (string | number)[])[];
  /** Whether it nests deeper than any message can. */
  readonly tooDeep: boolean;
  /** What there is too much of. */
  readonly faults: readonly Violation[];
  /** Lists that are parsed piece by piece. */
  readonly longLists: readonly LongList[];
}

/** As deep as protobuf reads messages (100), each in a list of its own. */
const DEEPEST = 200;
const MOST_REPEATED = 20;
/** So many bytes take some tenths of a millisecond at worst. */
const BYTES_A_STEP = 8 * 1024;

const [QUOTE, BACKSLASH, COMMA, BLANK] = [0x22, 0x5c, 0x2c, 0x20];
const [BRACE, END_BRACE, BRACKET, END_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

interface Level {
  readonly isObject: boolean;
  /** Keys so far; absent where there are none, as in a list. */
  keys: Set<string> | undefined;
  /** Where we are in it. */
  at: string | number;
  /** The message that stands here, or in this list; absent where none does. */
  readonly desc: DescMessage | undefined;
  /** Takes the entries of a list or map. */
  readonly count: ListCount | undefined;
  /** In the contract's names. */
  readonly path: string;
  isEmpty: boolean;
}

/** Looks through bytes that need not be JSON; the time is proportional to their length. */
export class JsonScan implements Scan {
  readonly repeated: (string | number)[][] = [];
  tooDeep = false;
  readonly #bytes: Buffer;
  readonly #desc: DescMessage | undefined;
  readonly #counts: JsonCounts;
  readonly #long = new LongLists();
  readonly #levels: Level[] = [];
  #at = 0;
  #isKey = false;

  /** `desc`: the request that it should be, by whose lists it is counted. */
  constructor(bytes: Buffer, desc?: DescMessage) {
    this.#bytes = bytes;
    this.#desc = desc;
    this.#counts = new JsonCounts(desc);
  }

  get faults(): readonly Violation[] {
    // Of lists that nobody has come to the end of, it is not known how long they are.
    const parts = this.#counts.areTooMany ? [] : this.#long.faults(this.#bytes.length);
    return [...this.#counts.faults(), ...parts];
  }

  get longLists(): readonly LongList[] {
    return this.#long.lists;
  }

  /** How many values it has. */
  get values(): number {
    return this.#counts.values;
  }

  /** Goes over some bytes; whether it is known what there is to know. */
  step(): boolean {
    const bytes = this.#bytes;
    const until = Math.min(bytes.length, this.#at + BYTES_A_STEP);
    while (this.#at < until && !this.#isRefused) {
      this.#take(bytes[this.#at] as number);
      this.#at++;
    }
    return this.#at >= bytes.length || this.#isRefused;
  }

  /** Whatever else it has: who sends a million of anything has them counted to no end. */
  get #isRefused(): boolean {
    return this.tooDeep || this.#counts.areTooMany;
  }

  #take(byte: number): void {
    if (byte <= BLANK) {
      return;
    }
    const level = this.#levels.at(-1);
    if (level?.isEmpty && byte !== END_BRACE && byte !== END_BRACKET) {
      level.isEmpty = false;
      this.#counts.add(level.count);
    }
    switch (byte) {
      case BRACE:
      case BRACKET:
        this.#open(level, byte === BRACE);
        return;
      case END_BRACE:
      case END_BRACKET:
        this.#long.bracketEnds(this.#levels.length, this.#at, byte === END_BRACKET);
        this.#levels.pop();
        this.#isKey = false;
        return;
      case COMMA:
        this.#next(level);
        return;
      case QUOTE:
        this.#text(level);
        return;
    }
  }

  #open(level: Level | undefined, isObject: boolean): void {
    this.#levels.push(level?.isObject ? this.#value(level, isObject) : this.#entry(level, isObject));
    this.#isKey = isObject;
    if (!isObject && this.#levels.length === 2 && level?.isObject) {
      this.#long.open(String(level.at), this.#at + 1);
    }
    this.tooDeep = this.#levels.length > DEEPEST;
  }

  /**
   * The request itself, or an entry of a list. There may be a million: each costs one small object.
   */
  #entry(list: Level | undefined, isObject: boolean): Level {
    const { desc, path } = list ?? { desc: this.#desc, path: "" };
    return { isObject, keys: undefined, at: isObject ? "" : 0, desc, count: undefined, path, isEmpty: true };
  }

  /** What stands under a key of an object. */
  #value({ desc, path, at }: Level, isObject: boolean): Level {
    const key = String(at);
    const field = desc && shapeOf(desc).byKey.get(key);
    const name = field?.name ?? key;
    const own = path === "" ? name : `${path}.${name}`;
    const isMany = field?.fieldKind === "map" ? isObject : !isObject;
    const count = isMany ? this.#counts.of(own) : undefined;
    return { isObject, keys: undefined, at: isObject ? "" : 0, desc: field?.message, count, path: own, isEmpty: true };
  }

  #next(level: Level | undefined): void {
    if (level === undefined) {
      return;
    }
    if (typeof level.at === "number") {
      level.at++;
    }
    this.#counts.add(level.count);
    this.#long.next(this.#levels.length, this.#at);
    this.#isKey = level.isObject;
  }

  #text(level: Level | undefined): void {
    const start = this.#at;
    this.#at = endOfText(this.#bytes, start);
    if (this.#isKey && level?.isObject) {
      level.at = textOf(this.#bytes, start, this.#at);
      level.keys ??= new Set();
      if (level.keys.has(level.at) && this.repeated.length < MOST_REPEATED) {
        this.repeated.push(this.#levels.map(({ at }) => at));
      }
      level.keys.add(level.at);
    }
    this.#isKey = false;
  }
}

/** As `JsonScan`, in one go: for short texts. */
export function scanned(text: string): JsonScan {
  const scan = new JsonScan(Buffer.from(text));
  while (!scan.step()) {
    // It goes on where it was.
  }
  return scan;
}

/**
 * The index of the quotation mark that ends the text which starts at `start`; of the end, where
 * none does.
 */
function endOfText(bytes: Buffer, start: number): number {
  for (let end = start; ; ) {
    end = bytes.indexOf(QUOTE, end + 1);
    if (end < 0) {
      return bytes.length;
    }
    let escapes = 0;
    while (bytes[end - 1 - escapes] === BACKSLASH) {
      escapes++;
    }
    if (escapes % 2 === 0) {
      return end;
    }
  }
}

/** Two keys are equal also where one of them is written with escapes. */
function textOf(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start + 1, end);
  if (!text.includes("\\")) {
    return text;
  }
  try {
    return JSON.parse(`"${text}"`);
  } catch {
    return text;
  }
}
