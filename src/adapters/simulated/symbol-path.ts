import { type Bar, mergeBars } from "../../domain/bar.ts";
import { type Timeframe, timeframeMs } from "../../domain/timeframe.ts";
import { type Character, characterOf } from "./character.ts";
import { type Key, keyOf, noiseAt, normal, randomAt } from "./random.ts";
import { Recent } from "./recent.ts";
import { type Candle, split } from "./split.ts";

/** Streams of random numbers; octaves of noise take those from OCTAVES on. */
const STREAM = { day: 0, hours: 1, minutes: 2, seconds: 3, heat: 4, octaves: 16 } as const;
/**
 * The path of daily prices is a sum of noises with periods of 1, 2, 4 … 512 days: it wanders for
 * years and stays bounded.
 */
const OCTAVES = 10;
/** Parents whose parts are kept; readers go forward in time, so few do. */
const KEPT = 8;

/** The timeframe whose bars are merged into those that are not split off by themselves. */
const MADE_OF: Readonly<Record<Timeframe, "1s" | "1m" | "1h" | "1d">> = {
  "1s": "1s",
  "1m": "1m",
  "3m": "1m",
  "5m": "1m",
  "15m": "1m",
  "30m": "1m",
  "1h": "1h",
  "2h": "1h",
  "4h": "1h",
  "6h": "1h",
  "8h": "1h",
  "12h": "1h",
  "1d": "1d",
};

/**
 * One symbol's prices for all time, as a pure function of seed, symbol and time.
 *
 * Prices at midnight come from noise that can be read anywhere; a day's candle spans two of them,
 * and is split into hours, these into minutes, these into seconds. Every candle is whole ticks and
 * lots, so what is split adds up exactly again.
 */
export class SymbolPath {
  readonly #character: Character;
  readonly #key: Key;
  readonly #days = new Recent<Candle>(KEPT);
  readonly #hours = new Recent<readonly Candle[]>(KEPT);
  readonly #minutes = new Recent<readonly Candle[]>(KEPT);
  readonly #seconds = new Recent<readonly Candle[]>(KEPT);

  constructor(seed: number, symbol: string) {
    this.#character = characterOf(symbol);
    this.#key = keyOf(`${seed} ${symbol}`);
  }

  /** The bar that opens at `openTime`, which is aligned and not before the epoch. */
  bar(timeframe: Timeframe, openTime: number): Bar {
    const base = MADE_OF[timeframe];
    const length = timeframeMs(base);
    const parts: Bar[] = [];
    for (let time = openTime; time < openTime + timeframeMs(timeframe); time += length) {
      parts.push(this.#toBar(this.#candle(base, time / length), time));
    }
    return mergeBars(parts);
  }

  #toBar(candle: Candle, openTime: number): Bar {
    const { ticksPerUnit, lotSize } = this.#character;
    return {
      openTime,
      open: candle.open / ticksPerUnit,
      high: candle.high / ticksPerUnit,
      low: candle.low / ticksPerUnit,
      close: candle.close / ticksPerUnit,
      volume: candle.volume * lotSize,
    };
  }

  #candle(timeframe: "1s" | "1m" | "1h" | "1d", index: number): Candle {
    switch (timeframe) {
      case "1d":
        return this.#days.get(index, () => this.#day(index));
      case "1h":
        return part(
          this.#hours.get(Math.floor(index / 24), (day) =>
            split(this.#candle("1d", day), 24, randomAt(this.#key, STREAM.hours, day), {
              trendiness: this.#character.trendiness,
              activity: hourlyActivity,
            }),
          ),
          index % 24,
        );
      case "1m":
        return part(
          this.#minutes.get(Math.floor(index / 60), (hour) => this.#sixty("1h", hour, STREAM.minutes)),
          index % 60,
        );
      case "1s":
        return part(
          this.#seconds.get(Math.floor(index / 60), (minute) => this.#sixty("1m", minute, STREAM.seconds)),
          index % 60,
        );
      default:
        return timeframe satisfies never;
    }
  }

  #sixty(timeframe: "1h" | "1m", index: number, stream: number): readonly Candle[] {
    return split(this.#candle(timeframe, index), 60, randomAt(this.#key, stream, index), {
      trendiness: this.#character.trendiness,
      activity: () => 1,
    });
  }

  #day(day: number): Candle {
    const { dailyVolatility, dailyLots } = this.#character;
    const random = randomAt(this.#key, STREAM.day, day);
    const open = this.#midnight(day);
    const close = this.#midnight(day + 1);
    const heat = this.#heat(day);
    // A day ranges beyond its two ends by about half a typical change on each side; now and then by
    // several.
    const reach = () => Math.min(0.5, -0.5 * Math.log(1 - random()) * dailyVolatility * heat);
    const high = Math.ceil(Math.max(open, close) * (1 + reach()));
    const low = Math.max(1, Math.floor(Math.min(open, close) * (1 - reach())));
    const movement = (high - low) / (open * dailyVolatility);
    const volume = Math.ceil(dailyLots * (0.4 + 0.4 * movement) * Math.exp(0.25 * normal(random)));
    return { open, high, low, close, volume };
  }

  /** The price at 00:00 of the day, in ticks. */
  #midnight(day: number): number {
    const { level, ticksPerUnit, dailyVolatility, trendiness } = this.#character;
    let logarithm = 0;
    for (let octave = 0; octave < OCTAVES; octave++) {
      const noise = noiseAt(this.#key, STREAM.octaves + octave, 2 ** octave, day);
      // Each octave weighs in proportion to the square root of its period, as in a random walk; the
      // shortest pull the price back from day to day, so a trending symbol has less of them. They
      // carry the clusters of volatility. The longest are held down, so that the level stays near
      // its name's.
      const weight = octave < 2 ? (1 - trendiness) * this.#heat(day) : octave < 7 ? 1 : 0.6;
      logarithm += dailyVolatility * Math.sqrt(2 ** octave) * weight * noise;
    }
    return Math.max(1, Math.round(level * Math.exp(logarithm) * ticksPerUnit));
  }

  /** Factor on the day's volatility; busy and quiet weeks alternate. */
  #heat(day: number): number {
    return Math.exp(0.5 * noiseAt(this.#key, STREAM.heat, 4, day) + 0.6 * noiseAt(this.#key, STREAM.heat + 1, 23, day));
  }
}

/** Mornings of Europe and of America move most. */
function hourlyActivity(hour: number): number {
  return 1 + 0.35 * Math.sin(((hour - 8) / 24) * 2 * Math.PI);
}

function part(candles: readonly Candle[], index: number): Candle {
  const candle = candles[index];
  if (candle === undefined) {
    throw new RangeError(`no part ${index} in a split of ${candles.length}`);
  }
  return candle;
}
