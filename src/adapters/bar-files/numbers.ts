/** How a file writes numbers: `1234.5` or `1234,5`. */
export type DecimalMark = "." | ",";

const PLAIN = /^-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/;
/** A point behind the groups says that the commas are no decimal ones. */
const GROUPED = /^-?\d{1,3}(,\d{3})+\.\d+$/;
const CURRENCY = /^[$€£]\s?(?=\d)/;
const SCALED = /^(\d+(?:\.\d+)?)([KMB])$/i;
const SCALES: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9 };

const COMMA = /^-?\d+(,\d+)?([eE][+-]?\d+)?$/;
const COMMA_GROUPED = /^-?\d{1,3}(\.\d{3})+,\d+$/;

/** NaN where the text is no number, or may be two of them. */
export function numberOf(text: string, mark: DecimalMark): number {
  if (mark === ".") {
    return PLAIN.test(text) ? Number(text) : dressedNumber(text.trim());
  }
  const trimmed = text.trim();
  return COMMA.test(trimmed) || COMMA_GROUPED.test(trimmed)
    ? Number(trimmed.replaceAll(".", "").replace(",", "."))
    : Number.NaN;
}

/** As exports for people write them: `$1,234.50`, `1.25K`. */
function dressedNumber(text: string): number {
  const bare = text.replace(CURRENCY, "");
  if (PLAIN.test(bare) || GROUPED.test(bare)) {
    return Number(bare.replaceAll(",", ""));
  }
  const [, digits, scale = ""] = SCALED.exec(bare) ?? [];
  // A fraction times a power of ten would end in the noise of doubles.
  return digits === undefined
    ? Number.NaN
    : Number(`${digits}e${Math.log10(SCALES[scale.toUpperCase()] ?? Number.NaN)}`);
}

/** How programs write that there is none. */
export function isNoNumber(text: string): boolean {
  return /^(|nan|null|none|n\/a|na)$/i.test(text.trim());
}

/**
 * The decimal mark of a file, by some of its numbers. A comma is one only where it cannot be
 * anything else: where it does not separate the values, and where not all numbers look as if it
 * separated thousands. Undefined where that is open.
 */
export function decimalMark(numbers: readonly string[], separator: string): DecimalMark | undefined {
  const withComma = numbers.filter((text) => /^-?[\d.]+,\d+$/.test(text.trim()));
  if (withComma.length === 0 || separator === ",") {
    return ".";
  }
  const mayBeThousands = withComma.every((text) => /^-?[1-9]\d{0,2},\d{3}$/.test(text.trim()));
  return mayBeThousands ? undefined : ",";
}
