/** Words of other tables and libraries that are one word here. */
const SYNONYMS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    BB: "BOLL BOLLINGER BOLLINGERS BBAND BBANDS",
    STOCH: "STOCHASTIC STOCHASTICS STOCHS STO",
    DONCHIAN: "DONCH DC DCH",
    WILLIAMS: "WILLIAM",
    CROSS: "CROSSOVER CROSSING XOVER",
    MA: "MAVG",
    MOVING: "MOV",
    AVERAGE: "AVG MEAN",
    PERCENT: "% PCT PERC PERCENTAGE PRC PBAND",
    SIGNAL: "SIG",
    HIST: "HISTOGRAM HISTO",
    VOLUME: "VOL",
    UPPER: "TOP HBAND UBAND",
    LOWER: "BOTTOM LBAND",
    MIDDLE: "MID MBAND BASIS CENTER CENTRE",
    PLUS: "POS POSITIVE",
    MINUS: "NEG NEGATIVE",
    DOWN: "DN",
    OSC: "OSCILLATOR",
    WIDTH: "WBAND",
    STDDEV: "STDEV STD",
    DIRECTIONAL: "DIRECTION",
    EXPONENTIAL: "EXP EXPO",
    HIGH: "HIGHS",
    LOW: "LOWS",
  }).flatMap(([word, others]) => others.split(" ").map((other) => [other, word] as const)),
);

/** Phrases that are one word here; they are looked for in the order of the text. */
const PHRASES: readonly (readonly [string, string])[] = [
  ["MOVING AVERAGE CONVERGENCE DIVERGENCE", "MACD"],
  ["MOVING AVERAGE", "MA"],
  ["STANDARD DEVIATION", "STDDEV"],
  ["TRUE RANGE", "TRANGE"],
];

/** Words that add nothing to a name. */
const FILLERS: ReadonlySet<string> = new Set(
  (
    "LINE VALUE INDICATOR PERIOD PERIODS LENGTH BAND BANDS CHANNEL CHANNELS BAR BARS CANDLE CANDLES THE OF LAST LATEST " +
    "CURRENT TA TALIB PANDAS DF TREND"
  ).split(" "),
);

/** The words that a name stands for: in its order, each once, without what adds nothing. */
export function normalized(words: readonly string[]): readonly string[] {
  let text = ` ${words.map((word) => SYNONYMS.get(word) ?? word).join(" ")} `;
  for (const [phrase, word] of PHRASES) {
    text = text.replace(` ${phrase} `, ` ${word} `);
  }
  const all = text.trim().split(" ");
  return [...new Set(all.filter((word) => word !== "" && !FILLERS.has(word)))];
}

/** What names are looked up by: people give the same words in any order. */
export function keyOf(words: readonly string[]): string {
  return words.toSorted().join(" ");
}

/** Words that are read although no name holds them. */
export const OTHER_WORDS: readonly string[] = [...FILLERS, ...PHRASES.flatMap(([phrase]) => phrase.split(" "))];
export const SYNONYM_WORDS: readonly string[] = [...SYNONYMS.keys()];
