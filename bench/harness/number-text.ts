/** Three significant digits below 1,000, whole numbers above. */
export function numberText(value: number): string {
  return Math.abs(value) >= 1_000 ? Math.round(value).toLocaleString("en-US") : String(Number(value.toPrecision(3)));
}
