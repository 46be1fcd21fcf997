/** By message: what must be given, each as the names of which one is enough. */
export const REQUIRED: Readonly<Record<string, readonly (readonly string[])[]>> = {
  StrategyConfig: [["strategy_id"], ["name"], ["entry_indicators", "entry"], ["base_size_usd"]],
  Condition: [["name"], ["operator"], ["value", "indicator"]],
  Rule: [["condition", "all", "any", "none"]],
  RuleList: [["rules"]],
};

/** Whatever stands there is not looked at. */
export const OUTPUT_ONLY: ReadonlySet<string> = new Set(["version", "created_at", "updated_at", "last_executed_at"]);

/** Bounds that every save holds a field to, by message and field. */
export const BOUNDS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "Condition.name": { minLength: 1 },
  "Condition.for_bars": { minimum: 0, maximum: 500 },
  "Condition.within_bars": { minimum: 0, maximum: 500 },
  "Rule.tag": { maxLength: 64 },
  "RuleList.rules": { minItems: 1, maxItems: 32 },
  "StrategyConfig.strategy_id": { pattern: "^[A-Za-z0-9_.-]{1,128}$" },
  "StrategyConfig.name": { minLength: 1, maxLength: 200 },
  "StrategyConfig.entry_indicators": { maxItems: 32 },
  "StrategyConfig.base_size_usd": { exclusiveMinimum: 0 },
  "StrategyConfig.stop_loss_pct": { minimum: 0, exclusiveMaximum: 1 },
  "StrategyConfig.take_profit_pct": { minimum: 0, maximum: 10 },
  "StrategyConfig.allowed_regimes": { maxItems: 100 },
  "StrategyConfig.min_confidence": { minimum: 0, maximum: 1 },
  "StrategyConfig.max_positions": { minimum: 1, maximum: 10_000 },
  "StrategyConfig.fitness_score": { minimum: 0, maximum: 1 },
  "StrategyConfig.symbols": { maxItems: 100 },
  "StrategyConfig.labels": { maxProperties: 32 },
  "StrategyConfig.target_steps": { maxItems: 32 },
};

const CONDITION = { name: "RSI_14", operator: "<", value: 30 };
const RULES = { rules: [{ condition: CONDITION }] };

/** By message and field. */
export const EXAMPLES: Readonly<Record<string, unknown>> = {
  "Condition.name": "RSI_14",
  "Condition.operator": "<",
  "Condition.value": 30,
  "Condition.indicator": "EMA_50",
  "Condition.timeframe": "4h",
  "Condition.symbol": "BTCUSDT",
  "Condition.for_bars": 3,
  "Condition.within_bars": 5,
  "Rule.condition": CONDITION,
  "Rule.all": RULES,
  "Rule.any": RULES,
  "Rule.none": RULES,
  "Rule.tag": "dip",
  "RuleList.rules": [{ condition: CONDITION }],
  "TrailingStop.distance_pct": 0.02,
  "TrailingStop.activation_pct": 0.01,
  "TargetStep.after": "1h",
  "TargetStep.take_profit_pct": 0.02,
  "StrategyConfig.strategy_id": "rsi_dip_1h",
  "StrategyConfig.name": "Buy the dip",
  "StrategyConfig.status": "CANDIDATE",
  "StrategyConfig.entry_indicators": [CONDITION],
  "StrategyConfig.entry_logic": "ALL",
  "StrategyConfig.base_size_usd": 1_000,
  "StrategyConfig.confidence_scaling": true,
  "StrategyConfig.stop_loss_pct": 0.02,
  "StrategyConfig.take_profit_pct": 0.05,
  "StrategyConfig.allowed_regimes": ["TRENDING"],
  "StrategyConfig.min_confidence": 0.6,
  "StrategyConfig.max_positions": 3,
  "StrategyConfig.fitness_score": 0.8,
  "StrategyConfig.side": "LONG",
  "StrategyConfig.timeframe": "1h",
  "StrategyConfig.trigger": "EDGE",
  "StrategyConfig.cooldown": "5m",
  "StrategyConfig.symbols": ["BTCUSDT"],
  "StrategyConfig.labels": { generation: "7" },
  "StrategyConfig.version": "3",
  "StrategyConfig.created_at": "2026-01-31T09:30:00Z",
  "StrategyConfig.updated_at": "2026-01-31T09:30:00Z",
  "StrategyConfig.last_executed_at": "2026-01-31T09:30:00Z",
  "StrategyConfig.entry": { any: RULES },
  "StrategyConfig.exit": { condition: { name: "RSI_14", operator: ">", value: 70 } },
  "StrategyConfig.max_holding_time": "1d",
  "StrategyConfig.stop_loss_at": "CLOSE - 2*ATR_14",
  "StrategyConfig.take_profit_at": "CLOSE + 3*ATR_14",
  "StrategyConfig.trailing_stop": { distance_pct: 0.02 },
  "StrategyConfig.target_steps": [{ take_profit_pct: 0.05 }, { after: "4h", take_profit_pct: 0.01 }],
};
