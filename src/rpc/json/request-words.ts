import { BarSchema } from "../../../gen/strategyruntime/v1/market_pb.ts";
import { PositionSchema } from "../../../gen/strategyruntime/v1/performance_pb.ts";
import {
  GetStrategyPerformanceRequestSchema,
  ReportDecisionRejectedRequestSchema,
} from "../../../gen/strategyruntime/v1/performance_service_pb.ts";
import {
  SetAllowedStrategiesRequestSchema,
  SetTradingHaltRequestSchema,
} from "../../../gen/strategyruntime/v1/policy_service_pb.ts";
import {
  EvaluateRequestSchema,
  ListDecisionsRequestSchema,
} from "../../../gen/strategyruntime/v1/runtime_service_pb.ts";
import {
  DeleteStrategyRequestSchema,
  ListStrategiesRequestSchema,
  SetStrategyStatusRequestSchema,
} from "../../../gen/strategyruntime/v1/strategy_service_pb.ts";
import { byWord, type Meaning } from "./meaning.ts";

const PERIOD: readonly Meaning[] = [
  { field: "start_time", words: "from since after start starts startdate begin fromdate fromtime" },
  { field: "end_time", words: "to until till before end ends enddate todate totime" },
];
const PAGE: Meaning = { field: "page_size", words: "limit count size n max top maxresults perpage" };
const REASON: Meaning = { field: "reason", words: "why message comment note description explanation" };

/**
 * What other programs call the fields of requests. A key that is merely to be left out may change
 * what is asked for: a halt without "halt" lets trading go on, and a report without "fee" has none.
 */
const REQUESTS: readonly (readonly [typeName: string, meanings: readonly Meaning[]])[] = [
  [
    SetTradingHaltRequestSchema.typeName,
    [
      { field: "halted", words: "halt stop stopped pause paused kill killswitch tradinghalt tradinghalted ishalted" },
      REASON,
      {
        field: "",
        words: "enabled enable active trading tradingenabled tradingactive resume resumed allow allowed",
        otherwise: "is unknown: say it by halted, which is true where trading stops",
      },
    ],
  ],
  [
    SetStrategyStatusRequestSchema.typeName,
    [
      { field: "strategy_id", words: "id strategy name" },
      { field: "status", words: "state mode newstatus stage" },
      REASON,
    ],
  ],
  [DeleteStrategyRequestSchema.typeName, [{ field: "strategy_id", words: "id strategy name" }, REASON]],
  [ReportDecisionRejectedRequestSchema.typeName, [{ field: "decision_id", words: "id decision signalid" }, REASON]],
  [GetStrategyPerformanceRequestSchema.typeName, PERIOD],
  [ListDecisionsRequestSchema.typeName, [...PERIOD, PAGE]],
  [ListStrategiesRequestSchema.typeName, [PAGE, { field: "status", words: "state" }]],
  [
    EvaluateRequestSchema.typeName,
    [
      { field: "symbol", words: "symbols pair market ticker asset instrument" },
      { field: "current_regime", words: "regime marketregime" },
      { field: "bars", words: "candles ohlcv klines ohlc history" },
      { field: "at", words: "time timestamp asof date" },
    ],
  ],
  [
    BarSchema.typeName,
    [
      { field: "open_time", words: "t ts time timestamp date datetime start starttime" },
      { field: "open", words: "o" },
      { field: "high", words: "h" },
      { field: "low", words: "l" },
      { field: "close", words: "c" },
      { field: "volume", words: "v vol basevolume" },
    ],
  ],
  [
    PositionSchema.typeName,
    [
      { field: "position_id", words: "id uid" },
      { field: "symbol", words: "pair market ticker asset instrument" },
      { field: "side", words: "direction type action" },
      { field: "size_usd", words: "size sizeusdt notional notionalusd amountusd valueusd" },
      { field: "entry_price", words: "entry openprice" },
      { field: "opened_at", words: "opentime entrytime openat opened" },
      { field: "exit_price", words: "exit closeprice" },
      { field: "closed_at", words: "closetime exittime closeat closed" },
      { field: "fees_usd", words: "fee fees feeusd commission commissions" },
      {
        field: "",
        words: "price avgprice averageprice fillprice",
        otherwise:
          "is unknown: call it entry_price where the position was opened at it, exit_price where it was closed",
      },
      {
        field: "",
        words: "time timestamp date",
        otherwise: "is unknown: call it opened_at where the position was opened then, closed_at where it was closed",
      },
      {
        field: "",
        words: "quantity qty units contracts amount",
        otherwise: "is unknown: write size_usd, which is the quantity times the entry price",
      },
    ],
  ],
];

const BY_TYPE: ReadonlyMap<string, ReadonlyMap<string, Meaning>> = new Map(
  REQUESTS.map(([typeName, meanings]) => [typeName, byWord(meanings)]),
);

/** Keys by which a caller asks that nothing be done but looked. */
const TRIES: ReadonlySet<string> = new Set("dryrun validateonly checkonly testonly simulate preview".split(" "));
const WITH_EFFECT = /\.(?:BatchSave|Set|Report)\w+Request$/;
const BATCH = /\.BatchSave\w+Request$/;
/** The fields of those requests that can be tried. */
const TRY: Meaning = { field: "validate_only", words: "" };
const DRY_RUN: Meaning = { field: "dry_run", words: "" };

/** What a key of a request, or of a message in one, probably means. */
export function requestMeaning(typeName: string, plain: string): Meaning | undefined {
  if (!TRIES.has(plain)) {
    return BY_TYPE.get(typeName)?.get(plain);
  }
  if (WITH_EFFECT.test(typeName)) {
    const other = BATCH.test(typeName) ? ", SaveStrategy can" : "";
    const otherwise = `is unknown: this call cannot be tried without its effect${other}: leave it out where the effect is meant`;
    return { field: "", words: "", otherwise };
  }
  if (typeName.endsWith(".SaveStrategyRequest")) {
    return TRY;
  }
  return typeName.endsWith("Request") ? DRY_RUN : undefined;
}

/**
 * What is wrong with null where it would be an order: to let trading go on, or to allow all
 * strategies.
 */
export function nullFault(typeName: string, field: string): string | undefined {
  switch (`${typeName}.${field}`) {
    case `${SetTradingHaltRequestSchema.typeName}.halted`:
      return "is null, must be true or false";
    case `${SetAllowedStrategiesRequestSchema.typeName}.strategy_ids`:
      return "is null, must be a list: write [] where all strategies are meant";
    default:
      return undefined;
  }
}
