import type { JsonValue } from "@bufbuild/protobuf";
import {
  ConditionSchema,
  RuleListSchema,
  RuleSchema,
  StrategyConfigSchema,
  TrailingStopSchema,
} from "../../../gen/strategyruntime/v1/strategy_pb.ts";
import { type Kind, kindOf, notRead } from "../../engine/validation/other-keys.ts";
import { byWord, type Meaning } from "./meaning.ts";
import { requestMeaning } from "./request-words.ts";
import { ruleMeaning } from "./rules.ts";
import { numberIn } from "./scalars.ts";

const NOT_OURS = "is not a matter of the strategy, which places no orders: leave it out";

/** What LLMs, and the schemas of well-known trading programs, call the parts of a strategy. */
const STRATEGY: readonly Meaning[] = [
  { field: "strategy_id", words: "id uid uuid strategy identifier slug" },
  { field: "name", words: "title strategyname displayname" },
  { field: "status", words: "state mode stage lifecycle" },
  {
    field: "entry_indicators",
    words:
      "conditions condition entries entryconditions entryrules entryrule entrysignals entrysignal entrycriteria entrycondition rules signals indicators criteria filters buyconditions longconditions",
  },
  { field: "entry", words: "entrytree entrycombination ruletree tree buyrule" },
  { field: "entry_logic", words: "logic combine combination conditionlogic logicaloperator entrymode match" },
  {
    field: "base_size_usd",
    words:
      "size sizeusd amount amountusd positionsize positionsizeusd capital notional notionalusd stake stakeamount basesize ordersize tradesize usd budget",
  },
  { field: "confidence_scaling", words: "scaling scalebyconfidence scalewithconfidence" },
  { field: "stop_loss_pct", words: "sl slpct stop stoploss stoppct stoplosspercent stoplosspercentage stoppercent" },
  {
    field: "stop_loss_at",
    words: "stoplevel stopprice stopat slat slprice stoplossprice stoplosslevel stoplossexpression",
  },
  {
    field: "take_profit_pct",
    words: "tp tppct target takeprofit profittarget targetpct takeprofitpercent takeprofitpercentage targetpercent",
  },
  {
    field: "take_profit_at",
    words: "targetlevel targetprice targetat tpat tpprice takeprofitprice takeprofitlevel takeprofitexpression",
  },
  { field: "allowed_regimes", words: "regime regimes marketregime marketregimes" },
  { field: "min_confidence", words: "confidence confidencethreshold minconf leastconfidence" },
  { field: "max_positions", words: "maxopenpositions maxopentrades maxconcurrentpositions maxtrades" },
  { field: "fitness_score", words: "fitness score" },
  { field: "side", words: "direction positionside type action" },
  { field: "timeframe", words: "interval tf barsize resolution period candle granularity" },
  { field: "trigger", words: "triggermode firing" },
  { field: "cooldown", words: "cooldownperiod coolingperiod cooloff" },
  {
    field: "symbols",
    words: "symbol pair pairs market markets asset assets ticker tickers instrument instruments coins",
  },
  { field: "exit", words: "exitrule exittree exitcombination" },
  {
    field: "",
    words:
      "exits exitindicators exitconditions exitcondition exitrules exitsignals exitlogic sellconditions closeconditions",
    otherwise:
      "is unknown: an exit by conditions is one rule, exit, an object with condition, all, any or none: leave it out",
  },
  { field: "trailing_stop", words: "trailing trailingstoploss" },
  { field: "target_steps", words: "minimalroi roi roitable takeprofitsteps targets profittargets takeprofits" },
  {
    field: "max_holding_time",
    words:
      "maxhold maxholdingperiod maxholdingbars maxbars holdingperiod timestop timeexit maxduration maxtradeduration",
  },
  { field: "", words: "leverage margin ordertype limitprice slippage exchange broker account", otherwise: NOT_OURS },
];

const STRATEGY_MEANINGS = byWord(STRATEGY);

const TRAILING_STOP_MEANINGS = byWord([
  {
    field: "distance_pct",
    words:
      "distance pct percent trail trailingstoppct trailingstoplosspct trailingpct trailpct trailingpercent trailingstopdistance trailingdistance trailingstoppositive",
  },
  {
    field: "activation_pct",
    words: "activation offset trailingactivation trailingstopactivation trailingoffset trailingstoppositiveoffset",
  },
]);

/** What a key that is none of the message's probably means. */
export function meaningOf(typeName: string, key: string, value: JsonValue): Omit<Meaning, "words"> | undefined {
  switch (typeName) {
    case StrategyConfigSchema.typeName:
      return STRATEGY_MEANINGS.get(plainKey(key));
    case TrailingStopSchema.typeName:
      return TRAILING_STOP_MEANINGS.get(plainKey(key));
    case ConditionSchema.typeName:
      return conditionMeaning(kindOf(key, value), value);
    case RuleSchema.typeName:
    case RuleListSchema.typeName:
      return ruleMeaning(typeName, plainKey(key));
    default:
      return requestMeaning(typeName, plainKey(key));
  }
}

function conditionMeaning(kind: Kind | undefined, value: JsonValue): Omit<Meaning, "words"> | undefined {
  switch (kind) {
    case undefined:
    case "parameter":
      return undefined;
    case "name":
    case "operator":
    case "timeframe":
      return { field: kind };
    case "operand": {
      const isNumber = typeof value === "number" || (typeof value === "string" && numberIn(value) !== undefined);
      return { field: isNumber ? "value" : "indicator" };
    }
    default:
      return { field: "", otherwise: `is unknown, ${notRead(kind)}` };
  }
}

/** Keys of a strategy that are for people or for its author: labels carry them. */
const LABELS: ReadonlySet<string> = new Set(
  "description desc tag tags metadata meta note notes comment comments author source reason rationale hypothesis explanation generation version created updated category family parent parents".split(
    " ",
  ),
);

export function isLabel(typeName: string, plain: string): boolean {
  return typeName === StrategyConfigSchema.typeName && LABELS.has(plain);
}

/** Fields that a request may give, and that nobody reads. */
const OUTPUT_ONLY: ReadonlySet<string> = new Set(["version", "created_at", "updated_at", "last_executed_at"]);

export function isOutputOnly(typeName: string, field: string): boolean {
  return typeName === StrategyConfigSchema.typeName && OUTPUT_ONLY.has(field);
}

/** A key without case, and without what parts its words: "stopLoss-Pct" is "stoplosspct". */
export function plainKey(key: string): string {
  return key.length > 64 ? "" : key.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
}
