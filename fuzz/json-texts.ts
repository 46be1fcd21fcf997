import type { DescField, DescMessage } from "@bufbuild/protobuf";
import type { Chance } from "./chance.ts";
import { type Init, initOf, type Oddness } from "./messages.ts";
import { oddDouble, oddText } from "./values.ts";

/** A request as JSON, as curl would send it or as nobody would. */
export function jsonText(chance: Chance, desc: DescMessage, odd: Oddness): Buffer {
  const json = jsonOf(chance, desc, initOf(chance, desc, odd), odd);
  const text = JSON.stringify(json);
  return chance.holds(0.3) ? mangledText(chance, text) : Buffer.from(text);
}

function jsonOf(chance: Chance, desc: DescMessage, init: Init, odd: Oddness): unknown {
  if (desc.typeName === "google.protobuf.Timestamp") {
    return timestamp(init);
  }
  if (desc.typeName === "google.protobuf.Duration") {
    return `${init.seconds ?? 0}s`;
  }
  const json: Init = {};
  for (const [name, given] of Object.entries(init)) {
    const oneof = desc.oneofs.find(({ localName }) => localName === name);
    const choice = given as { readonly case: string; readonly value: unknown };
    const field = desc.fields.find(({ localName }) => localName === (oneof === undefined ? name : choice.case));
    if (field !== undefined) {
      const key = chance.holds(0.5) ? field.jsonName : field.name;
      json[key] = fieldJson(chance, field, oneof === undefined ? given : choice.value, odd);
    }
  }
  if (chance.holds(odd.values)) {
    json[oddText(chance)] = noise(chance, 3);
  }
  return json;
}

function fieldJson(chance: Chance, field: DescField, value: unknown, odd: Oddness): unknown {
  // Half of the odd values are odd for their type; these are of other types.
  if (chance.holds(odd.values / 2)) {
    return noise(chance, 3);
  }
  if (field.fieldKind === "list") {
    return (value as readonly unknown[]).map((item) => singleJson(chance, field, item, odd));
  }
  if (field.fieldKind === "map") {
    return Object.fromEntries(
      Object.entries(value as Init).map(([key, item]) => [key, singleJson(chance, field, item, odd)]),
    );
  }
  return singleJson(chance, field, value, odd);
}

function singleJson(chance: Chance, field: DescField, value: unknown, odd: Oddness): unknown {
  if (field.message !== undefined) {
    return jsonOf(chance, field.message, value as Init, odd);
  }
  if (field.enum !== undefined) {
    const named = field.enum.values.find(({ number }) => number === value)?.name;
    return named === undefined || chance.holds(0.1) ? value : named;
  }
  if (typeof value === "bigint") {
    return chance.holds(0.5) ? String(value) : Number(value);
  }
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

function timestamp({ seconds = 0n, nanos = 0 }: Init): string {
  const at = new Date(Number(seconds) * 1_000 + Number(nanos) / 1e6);
  return Number.isNaN(at.getTime()) ? `${seconds}` : at.toISOString();
}

/** Any JSON. */
function noise(chance: Chance, depth: number): unknown {
  switch (chance.below(depth > 0 ? 8 : 5)) {
    case 0:
      return null;
    case 1:
      return chance.holds(0.5);
    case 2:
      return oddDouble(chance);
    case 3:
    case 4:
      return oddText(chance);
    case 5:
      return Array.from({ length: chance.below(4) }, () => noise(chance, depth - 1));
    default:
      return Object.fromEntries(
        Array.from({ length: chance.below(4) }, () => [oddText(chance), noise(chance, depth - 1)]),
      );
  }
}

const MANGLES: readonly ((text: string, chance: Chance) => string | Buffer)[] = [
  function cutOff(text, chance) {
    return text.slice(0, chance.below(text.length + 1));
  },
  function insertedText(text, chance) {
    const place = chance.below(text.length + 1);
    return text.slice(0, place) + chance.oneOf(['"', "{", "}", "[", ",", ":", "\\", "1", "\0"]) + text.slice(place);
  },
  function lostSlice(text, chance) {
    const place = chance.below(text.length + 1);
    return text.slice(0, place) + text.slice(place + chance.fewUpTo(20));
  },
  function brokenUtf8(text, chance) {
    const bytes = Buffer.from(`${text} `);
    bytes[chance.below(bytes.length)] = 0x80 + chance.below(0x80);
    return bytes;
  },
  function deep(_, chance) {
    return chance.oneOf(["[", '{"a":', '{"strategy":', '[{"strategies":']).repeat(chance.fewUpTo(20_000));
  },
  function deepWhole(_, chance) {
    const depth = chance.fewUpTo(5_000);
    return `${'{"config":['.repeat(depth)}1${"]}".repeat(depth)}`;
  },
  function emptyItems(_, chance) {
    const key = chance.oneOf(["strategies", "bars", "symbols", "strategy_ids", "entry_indicators"]);
    return `{"${key}":[${"{},".repeat(chance.fewUpTo(2_000))}{}]}`;
  },
  function sameKeyAgain(text, chance) {
    return text.replace("{", `{"strategy_id":"a","strategyId":"b",${chance.oneOf(['"strategy_id":"c",', ""])}`);
  },
  function hugeNumber(text, chance) {
    return text.replace(/\d+/, (digits) => digits.repeat(chance.fewUpTo(2_000)));
  },
  function byteOrderMark(text) {
    return `\ufeff${text}`;
  },
  function other(_, chance) {
    return chance.oneOf(["", " ", "null", "[]", "1", '"text"', "true", "{}{}", "NaN", "{'a':1}", "a=b&c=d"]);
  },
];

function mangledText(chance: Chance, text: string): Buffer {
  return Buffer.from(chance.oneOf(MANGLES)(text, chance));
}
