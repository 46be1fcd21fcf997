const SIGNIFICANT_DIGITS = 6;
const ZERO = 0x30;
const POINT = 0x2e;
/** Whole numbers below have no more digits than that. */
const SHORT = 1_000_000;

/** A number for people: up to six significant digits, without needless zeros. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < SHORT) {
    return String(value);
  }
  const text = value.toPrecision(SIGNIFICANT_DIGITS);
  // Digits behind a point need only lose their zeros. To read the number again and write it anew
  // takes three times as long.
  return text.includes(".") && !text.includes("e") ? withoutZeros(text) : String(Number(text));
}

function withoutZeros(text: string): string {
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) {
    end--;
  }
  return text.slice(0, text.charCodeAt(end - 1) === POINT ? end - 1 : end);
}

export function formatPercent(fraction: number): string {
  return `${formatNumber(Number((fraction * 100).toFixed(2)))} %`;
}

/** UTC, to the second; with ms only where there are any. */
export function formatTime(time: number): string {
  return new Date(time).toISOString().replace(".000Z", "Z");
}
