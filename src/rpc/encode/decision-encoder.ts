import type { DescMessage } from "@bufbuild/protobuf";
import { ConditionResultSchema, TradeDecisionSchema } from "../../../gen/strategyruntime/v1/decision_pb.ts";
import type { ConditionResult, Decision } from "../../domain/decision.ts";
import { riskModes, sides } from "../translate/enums.ts";
import { inKeyOrder } from "../translate/maps.ts";
import { wireTime } from "../translate/time.ts";
import { delimited, encodeTime, int32 } from "./scalars.ts";
import { DELIMITED, FIXED64, VARINT, type WireWriter } from "./wire-writer.ts";

// Written out field by field, in order of their numbers: what a close costs is mostly its decisions, and what is compiled looks each member up by name.
// A field that were forgotten, or stood in the wrong place, would differ from the translated message, which the property tests compare.

export function encodeDecision(writer: WireWriter, decision: Decision): void {
  encodeToSequence(writer, decision);
  encodeSequence(writer, decision);
  encodeFromSequence(writer, decision);
}

/** What comes before the sequence. */
export function encodeToSequence(writer: WireWriter, decision: Decision): void {
  text(writer, D.symbol, decision.symbol);
  varint(writer, D.side, sides.toWire(decision.side));
  double(writer, D.sizeUsd, decision.sizeUsd);
  double(writer, D.confidence, decision.confidence);
  text(writer, D.strategyId, decision.strategyId);
  optionalDouble(writer, D.entryPrice, decision.entryPrice);
  optionalDouble(writer, D.takeProfit, decision.takeProfit);
  optionalDouble(writer, D.stopLoss, decision.stopLoss);
  time(writer, D.timestamp, decision.timestamp);
  optionalText(writer, D.regime, decision.regime);
  optionalText(writer, D.reasoning, decision.reasoning);
  texts(writer, D.metadata, decision.metadata);
  text(writer, D.decisionId, decision.decisionId);
}

export function encodeSequence(writer: WireWriter, { sequence }: Decision): void {
  counter(writer, D.sequence, sequence);
}

/** What comes behind the sequence. */
export function encodeFromSequence(writer: WireWriter, decision: Decision): void {
  counter(writer, D.strategyVersion, decision.strategyVersion);
  text(writer, D.timeframe, decision.timeframe);
  time(writer, D.barCloseTime, decision.barCloseTime);
  time(writer, D.validUntil, decision.validUntil);
  double(writer, D.strength, decision.strength);
  for (const condition of decision.conditions) {
    delimited(writer, D.conditions | DELIMITED, encodeCondition, condition);
  }
  varint(writer, D.riskMode, riskModes.toWire(decision.riskMode));
  double(writer, D.requiredConfidence, decision.requiredConfidence);
  varint(writer, D.shadow, decision.shadow ? 1 : 0);
  text(writer, D.dataSource, decision.dataSource);
}

export function encodeCondition(writer: WireWriter, result: ConditionResult): void {
  text(writer, C.condition, result.condition);
  text(writer, C.timeframe, result.timeframe);
  optionalDouble(writer, C.left, result.left);
  optionalDouble(writer, C.right, result.right);
  if (result.met !== undefined) {
    writer.uint32(C.met | VARINT);
    writer.uint32(result.met ? 1 : 0);
  }
  optionalDouble(writer, C.margin, result.margin);
  if (result.missingBars !== 0) {
    writer.uint32(C.missingBars | VARINT);
    writer.int64(int32(ConditionResultSchema.field.missingBars, result.missingBars));
  }
}

type Numbers<Desc extends DescMessage> = { readonly [Name in keyof Desc["field"]]: number };

/** The field numbers as they stand in a tag, above the wire type. */
function numbersOf<Desc extends DescMessage>(schema: Desc): Numbers<Desc> {
  return Object.fromEntries(schema.fields.map(({ localName, number }) => [localName, number << 3])) as Numbers<Desc>;
}

const D = numbersOf(TradeDecisionSchema);
const C = numbersOf(ConditionResultSchema);
/** Of an entry of a map: its key, and its value. */
const FIRST = 1 << 3;
const SECOND = 2 << 3;

function text(writer: WireWriter, number: number, value: string): void {
  if (value !== "") {
    writer.uint32(number | DELIMITED);
    writer.text(value);
  }
}

function optionalText(writer: WireWriter, number: number, value: string | undefined): void {
  if (value !== undefined) {
    writer.uint32(number | DELIMITED);
    writer.text(value);
  }
}

function double(writer: WireWriter, number: number, value: number): void {
  // Minus zero is sent.
  if (value !== 0 || Object.is(value, -0)) {
    optionalDouble(writer, number, value);
  }
}

function optionalDouble(writer: WireWriter, number: number, value: number | undefined): void {
  if (value !== undefined) {
    writer.uint32(number | FIXED64);
    writer.double(value);
  }
}

function varint(writer: WireWriter, number: number, value: number): void {
  if (value !== 0) {
    writer.uint32(number | VARINT);
    writer.uint32(value);
  }
}

function counter(writer: WireWriter, number: number, value: number): void {
  if (value !== 0 && Number.isSafeInteger(value)) {
    writer.uint32(number | VARINT);
    writer.int64(value);
  }
}

function time(writer: WireWriter, number: number, ms: number): void {
  const found = wireTime(ms);
  if (found !== undefined) {
    delimited(writer, number | DELIMITED, encodeTime, found);
  }
}

function texts(writer: WireWriter, number: number, given: Readonly<Record<string, string>>): void {
  const map = inKeyOrder(given);
  for (const key of Object.keys(map)) {
    writer.uint32(number | DELIMITED);
    const start = writer.begin();
    optionalText(writer, FIRST, key);
    optionalText(writer, SECOND, map[key]);
    writer.end(start);
  }
}
