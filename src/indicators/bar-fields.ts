import { ABOVE_ZERO, type Definition, FROM_ZERO, type KernelKind } from "./definition.ts";

const BAR: KernelKind = {
  name: "BAR",
  create() {
    throw new RangeError("BAR is not computed yet");
  },
};

export const BAR_FIELDS: readonly Definition[] = [
  {
    base: "OPEN",
    parameters: [],
    family: "price",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: () => 0,
    kernel: BAR,
    output: 0,
    formula: "open of the bar",
    source: "the bar",
  },
  {
    base: "HIGH",
    parameters: [],
    family: "price",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: () => 0,
    kernel: BAR,
    output: 1,
    formula: "high of the bar",
    source: "the bar",
  },
  {
    base: "LOW",
    parameters: [],
    family: "price",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: () => 0,
    kernel: BAR,
    output: 2,
    formula: "low of the bar",
    source: "the bar",
  },
  {
    base: "CLOSE",
    parameters: [],
    family: "price",
    unit: "price",
    range: ABOVE_ZERO,
    firstIndex: () => 0,
    kernel: BAR,
    output: 3,
    formula: "close of the bar",
    source: "the bar",
  },
  {
    base: "VOLUME",
    parameters: [],
    family: "other",
    unit: "volume",
    range: FROM_ZERO,
    firstIndex: () => 0,
    kernel: BAR,
    output: 4,
    formula: "volume of the bar",
    source: "the bar",
  },
];
