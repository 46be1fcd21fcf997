const DAY_MS = 86_400_000;
const [ZERO, NINE, POINT, COMMA, DASH, COLON, T, Z] = [0x30, 0x39, 0x2e, 0x2c, 0x2d, 0x3a, 0x54, 0x5a];
/** "2017-10-01T00:30:00Z". */
const TIME_LENGTH = 20;
const MOST_TIME_DIGITS = 14;
/** A whole number of so many digits, and a power of ten up to 22, are doubles exactly: their quotient is the nearest double. */
const MOST_DIGITS = 15;
const POWERS = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, power) => 10 ** power);

/**
 * Reads rows as nearly all recordings write them, without making texts of them: a time to the second in ISO format or in ms, and
 * numbers of up to 15 digits without exponent. It says only whether a row is such a one, and leaves all others to somebody with words.
 */
export class PlainRow {
  openTime = 0;
  open = 0;
  high = 0;
  low = 0;
  close = 0;
  volume = 0;
  readonly #bytes: Uint8Array;
  #at = 0;
  #end = 0;
  /** Midnight of the day read last, and its date: the next row is mostly of the same. */
  #midnight = Number.NaN;
  #date = -1;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether the bytes from `start` to below `end` are a plain row; then its values can be read here. */
  read(start: number, end: number): boolean {
    this.#at = start;
    this.#end = end;
    this.openTime = this.#time();
    this.open = this.#number();
    this.high = this.#number();
    this.low = this.#number();
    this.close = this.#number();
    this.volume = this.#number();
    // What is no number is NaN, and fails each comparison.
    return this.openTime >= 0 && this.low > 0 && this.#isInOrder() && this.volume >= 0 && this.#at === end + 1;
  }

  /** R3, for numbers that are finite. */
  #isInOrder(): boolean {
    const { open, high, low, close } = this;
    return low <= open && low <= close && high >= open && high >= close;
  }

  #time(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    if (bytes[start + TIME_LENGTH] === COMMA && bytes[start + TIME_LENGTH - 1] === Z) {
      this.#at = start + TIME_LENGTH + 1;
      return this.#isoTime(start);
    }
    return this.#milliseconds();
  }

  #milliseconds(): number {
    const bytes = this.#bytes;
    const start = this.#at;
    let at = start;
    let ms = 0;
    for (; at < this.#end && at - start < MOST_TIME_DIGITS; at++) {
      const byte = bytes[at] as number;
      if (byte < ZERO || byte > NINE) {
        break;
      }
      ms = ms * 10 + (byte - ZERO);
    }
    this.#at = at + 1;
    return at > start && bytes[at] === COMMA ? ms : Number.NaN;
  }

  #isoTime(start: number): number {
    const bytes = this.#bytes;
    const hour = this.#two(start + 11);
    const minute = this.#two(start + 14);
    const second = this.#two(start + 17);
    const isMarked =
      bytes[start + 4] === DASH &&
      bytes[start + 7] === DASH &&
      bytes[start + 10] === T &&
      bytes[start + 13] === COLON &&
      bytes[start + 16] === COLON;
    if (!isMarked || !(hour <= 23 && minute <= 59 && second <= 59)) {
      return Number.NaN;
    }
    return this.#dayOf(start) + ((hour * 60 + minute) * 60 + second) * 1_000;
  }

  #dayOf(start: number): number {
    const year = this.#two(start) * 100 + this.#two(start + 2);
    const month = this.#two(start + 5);
    const day = this.#two(start + 8);
    const date = (year * 100 + month) * 100 + day;
    if (date !== this.#date) {
      const midnight = Date.UTC(year, month - 1, day);
      const found = new Date(midnight);
      // Dates that do not exist, such as 30 February, are taken for others.
      const exists = found.getUTCMonth() === month - 1 && found.getUTCDate() === day && midnight % DAY_MS === 0;
      this.#midnight = exists && year >= 1970 ? midnight : Number.NaN;
      this.#date = date;
    }
    return this.#midnight;
  }

  /** Two digits; NaN where they are none. */
  #two(at: number): number {
    const tens = this.#bytes[at] as number;
    const ones = this.#bytes[at + 1] as number;
    const areDigits = tens >= ZERO && tens <= NINE && ones >= ZERO && ones <= NINE;
    return areDigits ? (tens - ZERO) * 10 + (ones - ZERO) : Number.NaN;
  }

  /** The number up to the next comma or the end, which it moves behind. */
  #number(): number {
    const bytes = this.#bytes;
    const end = this.#end;
    let at = this.#at;
    let whole = 0;
    let digits = 0;
    let behindPoint = -1;
    for (; at < end; at++) {
      const byte = bytes[at] as number;
      if (byte >= ZERO && byte <= NINE) {
        whole = whole * 10 + (byte - ZERO);
        digits++;
      } else if (byte === POINT && behindPoint < 0 && digits > 0) {
        behindPoint = digits;
      } else {
        break;
      }
    }
    const isEnded = at === end || bytes[at] === COMMA;
    this.#at = at + 1;
    if (!isEnded || digits === 0 || digits > MOST_DIGITS) {
      return Number.NaN;
    }
    return behindPoint < 0 ? whole : whole / (POWERS[digits - behindPoint] as number);
  }
}
