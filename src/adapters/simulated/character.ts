import { keyOf, randomAt } from "./random.ts";

/**
 * What makes one simulated symbol unlike another. It depends on the name alone; the seed gives the
 * path.
 */
export interface Character {
  /** Price around which the path wanders, in quote units. */
  readonly level: number;
  /** Prices are whole numbers divided by this power of ten. */
  readonly ticksPerUnit: number;
  /** A power of two, so that sums of volumes are exact in doubles. */
  readonly lotSize: number;
  /** Typical change over a day, as a fraction. */
  readonly dailyVolatility: number;
  /** How much one step goes on in the next, 0 to 1. */
  readonly trendiness: number;
  /** Typical lots traded in a day. */
  readonly dailyLots: number;
}

/**
 * [price level, daily volatility, turnover in millions of quote units a day]: orders of magnitude,
 * for a plausible look.
 */
const KNOWN: Readonly<Record<string, readonly [number, number, number]>> = {
  BTC: [65_000, 0.025, 1500],
  ETH: [3_300, 0.033, 900],
  SOL: [150, 0.045, 400],
  BNB: [580, 0.028, 200],
  XRP: [0.6, 0.04, 250],
  ADA: [0.45, 0.042, 80],
  DOGE: [0.14, 0.05, 150],
  AVAX: [30, 0.046, 60],
  LINK: [15, 0.042, 60],
  LTC: [85, 0.035, 50],
  DOT: [6.5, 0.043, 40],
  EUR: [1.08, 0.005, 2000],
  GBP: [1.27, 0.006, 1200],
  AAPL: [190, 0.016, 9000],
};

/** A lot is worth about this much: fine enough for every second to trade some. */
const LOT_VALUE = 40;
/** A price has at least this many ticks, so that a quiet second still moves by one or two. */
const TICKS_IN_PRICE = 100_000;

export function characterOf(symbol: string): Character {
  const random = randomAt(keyOf(`character ${symbol}`), 0, 0);
  const base = symbol.toUpperCase().replace(/[-_./:]?(USDT|USDC|USD|EUR)(\.P|-PERP)?$/, "");
  const known = KNOWN[base];
  // A strange symbol costs 0.5 to 500, moves by 1.2 to 6 % a day and turns over 10 to 300 million.
  const [level, volatility, millions] = known ?? [0.5 * 1000 ** random(), 0.012 * 5 ** random(), 10 * 30 ** random()];
  const lotSize = 2 ** Math.round(Math.log2(LOT_VALUE / level));
  return {
    level,
    ticksPerUnit: 10 ** Math.max(0, Math.ceil(Math.log10(TICKS_IN_PRICE / level))),
    lotSize,
    dailyVolatility: volatility,
    trendiness: 0.05 + 0.4 * random(),
    dailyLots: (millions * 1e6) / level / lotSize,
  };
}
