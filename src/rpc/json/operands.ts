import type { DescField } from "@bufbuild/protobuf";
import type { Notes } from "./notes.ts";
import { numberIn } from "./scalars.ts";
import { pathOf, shown, written } from "./shown.ts";
import type { Values } from "./strays.ts";

/** A text in place of the number means the field beside it, and the other way round. */
export function swapOperands(number: DescField, text: DescField, values: Values, notes: Notes, path: string): void {
  const inNumber = values.get(number);
  const inText = values.get(text);
  if (typeof inNumber === "string" && numberIn(inNumber) === undefined && !/^-?(NaN|Infinity)$/.test(inNumber)) {
    notes.mended(
      pathOf(path, number.name),
      `is ${shown(inNumber)}, must be a number: use ${text.name}, as "${text.name}": ${written(inNumber)}`,
    );
    values.delete(number);
    values.set(text, inNumber);
  } else if (typeof inText === "number") {
    notes.mended(
      pathOf(path, text.name),
      `is ${shown(inText)}, must be a text: use ${number.name}, as "${number.name}": ${inText}`,
    );
    values.delete(text);
    values.set(number, inText);
  }
}
