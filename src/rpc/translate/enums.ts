import type { DescEnum } from "@bufbuild/protobuf";
import {
  type Action as ActionNumber,
  ActionSchema,
  type ExitOutcome as ExitOutcomeNumber,
  ExitOutcomeSchema,
  type ExitReason as ExitReasonNumber,
  ExitReasonSchema,
  type Outcome as OutcomeNumber,
  OutcomeSchema,
} from "../../../gen/strategyruntime/v1/decision_pb.ts";
import { type RiskMode as RiskModeNumber, RiskModeSchema } from "../../../gen/strategyruntime/v1/policy_pb.ts";
import {
  type EntryLogic as EntryLogicNumber,
  EntryLogicSchema,
  type Side as SideNumber,
  SideSchema,
  type StrategyStatus as StatusNumber,
  StrategyStatusSchema,
  type Trigger as TriggerNumber,
  TriggerSchema,
} from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { ACTIONS, type Action, OUTCOMES, type Outcome } from "../../domain/decision.ts";
import { EXIT_OUTCOMES, EXIT_REASONS, type ExitOutcome, type ExitReason } from "../../domain/exit.ts";
import { RISK_MODES, type RiskMode } from "../../domain/policy.ts";
import {
  ENTRY_LOGICS,
  type EntryLogic,
  SIDES,
  type Side,
  STATUSES,
  type Status,
  TRIGGERS,
  type Trigger,
} from "../../domain/strategy.ts";
import { choiceFault } from "../../engine/validation/scalars.ts";

/** One enumeration of the contract beside the domain's closed set of the same names. */
export interface EnumCodec<T extends string, N extends number> {
  /**
   * The number on the wire; UNSPECIFIED for a text that the set does not have, as a table that
   * others write may hold it.
   */
  toWire(text: string): N;
  /**
   * The name without prefix; empty for UNSPECIFIED; a number that the contract does not know as its
   * digits, so that a refusal can name it.
   */
  toText(number: N): string;
  /** The member of the set; undefined for UNSPECIFIED and unknown numbers. */
  known(number: N): T | undefined;
  /** What is wrong with a number: it is unknown, or required and UNSPECIFIED. */
  fault(number: N, required: boolean): string | undefined;
}

const codecs = new Map<string, EnumCodec<string, number>>();

/** The codec of an enumeration of the contract; throws where the domain has no set for it. */
export function codecOf({ typeName }: DescEnum): EnumCodec<string, number> {
  const known = codecs.get(typeName);
  if (known === undefined) {
    throw new Error(`${typeName} has no set in the domain: bring the contract and the domain together`);
  }
  return known;
}

function codec<T extends string, N extends number>(schema: DescEnum, members: readonly T[]): EnumCodec<T, N> {
  const names = new Map<number, T>();
  const numbers = new Map<string, N>();
  for (const member of members) {
    const value = schema.values.find(({ localName }) => localName === member);
    if (value === undefined) {
      throw new Error(`${schema.typeName} lacks ${member}: bring the contract and the domain together`);
    }
    names.set(value.number, member);
    numbers.set(member, value.number as N);
  }
  const choices = schema.values.filter(({ number }) => names.has(number)).map(({ localName }) => localName);
  const made: EnumCodec<T, N> = {
    toWire: (text) => numbers.get(text) ?? (0 as N),
    toText: (number) => names.get(number) ?? (number === 0 ? "" : String(number)),
    known: (number) => names.get(number),
    fault(number, required) {
      if (number === 0) {
        return required ? choiceFault("", choices) : undefined;
      }
      return names.has(number) ? undefined : choiceFault(String(number), choices);
    },
  };
  codecs.set(schema.typeName, made as EnumCodec<string, number>);
  return made;
}

export const sides: EnumCodec<Side, SideNumber> = codec(SideSchema, SIDES);
export const statuses: EnumCodec<Status, StatusNumber> = codec(StrategyStatusSchema, STATUSES);
export const entryLogics: EnumCodec<EntryLogic, EntryLogicNumber> = codec(EntryLogicSchema, ENTRY_LOGICS);
export const triggers: EnumCodec<Trigger, TriggerNumber> = codec(TriggerSchema, TRIGGERS);
export const riskModes: EnumCodec<RiskMode, RiskModeNumber> = codec(RiskModeSchema, RISK_MODES);
export const outcomes: EnumCodec<Outcome, OutcomeNumber> = codec(OutcomeSchema, OUTCOMES);
export const actions: EnumCodec<Action, ActionNumber> = codec(ActionSchema, ACTIONS);
export const exitReasons: EnumCodec<ExitReason, ExitReasonNumber> = codec(ExitReasonSchema, EXIT_REASONS);
export const exitOutcomes: EnumCodec<ExitOutcome, ExitOutcomeNumber> = codec(ExitOutcomeSchema, EXIT_OUTCOMES);
