import { create, type DescField, type DescMessage, type Message, ScalarType, toBinary } from "@bufbuild/protobuf";
import type { Chance } from "./chance.ts";
import {
  oddDouble,
  oddLong,
  oddText,
  oddWhole,
  STRATEGY_IDS,
  usualIndicator,
  usualNumber,
  usualText,
} from "./values.ts";

/**
 * How far messages are from what a caller means: the share of values that are odd, and of fields
 * that are missing.
 */
export interface Oddness {
  readonly values: number;
  readonly gaps: number;
}

/** From a message that is meant well to one of noise. */
const ODDNESSES: readonly Oddness[] = [
  { values: 0, gaps: 0.1 },
  { values: 0.02, gaps: 0.1 },
  { values: 0.1, gaps: 0.3 },
  { values: 1, gaps: 0.5 },
];

export function oddness(chance: Chance): Oddness {
  return chance.oneOf(ODDNESSES);
}

/** A message by its descriptor, whatever the contract has. */
export function messageOf(chance: Chance, desc: DescMessage, odd: Oddness): Message {
  return create(desc, initOf(chance, desc, odd));
}

export function encoded(message: Message, desc: DescMessage): Buffer {
  return Buffer.from(toBinary(desc, message as never));
}

export type Init = Record<string, unknown>;

/**
 * A message as a plain object: its fields by their names in TypeScript, a oneof as its case and its
 * value.
 */
export function initOf(chance: Chance, desc: DescMessage, odd: Oddness): Init {
  const init: Init = {};
  for (const member of desc.members) {
    if (member.kind === "oneof") {
      if (!chance.holds(odd.gaps)) {
        const field = chance.oneOf(member.fields);
        init[member.localName] = { case: field.localName, value: fieldOf(chance, field, odd) };
      }
    } else if (!isLeftOut(chance, member, odd)) {
      init[member.localName] = fieldOf(chance, member, odd);
    }
  }
  const meant = MEANT_WELL[desc.name];
  return meant === undefined || chance.holds(odd.values) ? init : { ...init, ...meant(chance) };
}

/**
 * What the service sets itself is seldom sent, and so is what makes a call read or compute for
 * long.
 */
const SELDOM = new Set(
  "version created_at updated_at last_executed_at at bars dry_run include_suppressions".split(" "),
);

function isLeftOut(chance: Chance, { name, fieldKind }: DescField, odd: Oddness): boolean {
  const optional = fieldKind === "list" || fieldKind === "map" || SELDOM.has(name);
  return chance.holds(optional && odd.values < 1 ? 0.8 : odd.gaps);
}

/** What messages of these names need to be taken; chance alone would seldom come to it. */
const MEANT_WELL: Readonly<Record<string, (chance: Chance) => Init>> = {
  StrategyConfig: (chance) => ({
    strategyId: chance.oneOf(STRATEGY_IDS),
    side: 1 + chance.below(2),
    timeframe: chance.oneOf(["1m", "5m", "1h"]),
    baseSizeUsd: 100,
    status: 1 + chance.below(4),
    entryIndicators: Array.from({ length: 1 + chance.below(3) }, () => ({
      name: chance.oneOf(["RSI_14", "MFI", "WILLR"]),
      operator: chance.oneOf(["<", ">", "crosses_above"]),
      operand: { case: "value", value: chance.oneOf([20, 30, 70]) },
    })),
  }),
  ReportPositionOpenedRequest: (chance) => ({
    position: {
      positionId: `position-${chance.below(60)}`,
      strategyId: chance.oneOf(STRATEGY_IDS),
      symbol: "BTCUSDT",
      side: 1,
      sizeUsd: 100,
      entryPrice: 100 + chance.below(3),
      openedAt: { seconds: 1_700_000_000n },
    },
  }),
  ReportPositionClosedRequest: (chance) => ({
    position: {
      positionId: `position-${chance.below(60)}`,
      exitPrice: 100 + chance.below(9),
      closedAt: { seconds: 1_700_000_000n + BigInt(chance.below(9_000)) },
    },
  }),
};

function fieldOf(chance: Chance, field: DescField, odd: Oddness): unknown {
  switch (field.fieldKind) {
    case "list": {
      const length = chance.holds(0.002) ? chance.fewUpTo(3_000) : chance.below(4);
      const items = Array.from({ length }, () => singleOf(chance, field, odd));
      // Ids and symbols may come once.
      return odd.values < 1 ? [...new Set(items)] : items;
    }
    case "map":
      return Object.fromEntries(
        Array.from({ length: chance.below(4) }, () => [
          textOf(chance, field, odd),
          field.mapKind === "message" ? initOf(chance, field.message, odd) : singleOf(chance, field, odd),
        ]),
      );
    default:
      return singleOf(chance, field, odd);
  }
}

/** One value of a field, of its list, or of its map. */
function singleOf(chance: Chance, field: DescField, odd: Oddness): unknown {
  if (field.message !== undefined) {
    return initOf(chance, field.message, odd);
  }
  if (field.enum !== undefined) {
    return chance.holds(odd.values) ? oddWhole(chance) : chance.oneOf(field.enum.values).number;
  }
  return scalarOf(chance, field, odd);
}

function scalarOf(chance: Chance, field: DescField & { readonly scalar?: ScalarType }, odd: Oddness): unknown {
  const isOdd = chance.holds(odd.values);
  switch (field.scalar) {
    case ScalarType.STRING:
      return textOf(chance, field, odd);
    case ScalarType.BOOL:
      // Followed streams end when they are left, which the others need not.
      return chance.holds(field.name === "follow" ? 0.3 : 0.5);
    case ScalarType.DOUBLE:
      return isOdd ? oddDouble(chance) : usualNumber(chance, field.name);
    case ScalarType.INT64:
      return isOdd ? oddLong(chance) : secondsOrCount(chance, field);
    case ScalarType.INT32:
      return isOdd ? oddWhole(chance) : usualNumber(chance, field.name) % 1_000;
    default:
      throw new Error(`${field.parent.typeName}.${field.name}: fuzz/messages.ts knows no values of its type yet`);
  }
}

function textOf(chance: Chance, field: DescField, odd: Oddness): string {
  if (chance.holds(odd.values)) {
    // Half a surrogate pair is no text that protobuf can carry; in JSON it can be sent.
    return oddText(chance).toWellFormed();
  }
  if (field.parent.name === "Condition" && field.name === "name") {
    return usualIndicator(chance);
  }
  return usualText(chance, field.name) ?? `fuzz ${chance.below(10)}`;
}

/** Seconds of a moment of these years, or of a span. */
function secondsOrCount(chance: Chance, { parent, name }: DescField): bigint {
  if (name !== "seconds") {
    return BigInt(chance.below(5));
  }
  return parent.name === "Timestamp" ? BigInt(1_700_000_000 + chance.below(200_000_000)) : BigInt(chance.below(7_200));
}
