"""What public strategies read besides TA-Lib's older functions.

Where TA-Lib (C 0.8.1) has the function, the values are its own; the others are written out here as
their authors define them, in plain loops over whole arrays.
"""

import math

import numpy as np
import talib
from functions import blank, rolling

DAY_MS = 86_400_000


def columns(bars):
    t, o, h, l, c, v = (bars[field] for field in ["open_time", "open", "high", "low", "close", "volume"])
    return {
        **channels(h, l, c),
        **ichimoku(h, l),
        **candles(o, h, l, c),
        **momentum(h, l, c),
        **weighted(h, l, c, v),
        **vwap_bands(t, h, l, c, v),
        **pivots(t, h, l, c),
    }


def channels(h, l, c):
    found = {}
    for n, k in [(10, 3), (7, 2.5), (2, 0.5)]:
        line, direction = talib.SUPERTREND(h, l, c, n, float(k))
        found[f"SUPERTREND_{n}_{k}"] = line
        found[f"SUPERTREND_DIR_{n}_{k}"] = blank(direction.astype(float), np.isnan(line))
    for n, m, k in [(20, 10, 2), (5, 14, 1.5)]:
        upper, middle, lower = talib.KC(h, l, c, n, m, float(k))
        found[f"KELTNER_UPPER_{n}_{k}_{m}"] = upper
        found[f"KELTNER_MIDDLE_{n}_{k}_{m}"] = middle
        found[f"KELTNER_LOWER_{n}_{k}_{m}"] = lower
    for n in [2, 20]:
        upper, middle, lower = talib.DONCHIAN(h, l, n)
        found[f"DONCHIAN_UPPER_{n}"] = upper
        found[f"DONCHIAN_MIDDLE_{n}"] = middle
        found[f"DONCHIAN_LOWER_{n}"] = lower
    return found


def middle(h, l, n):
    return (rolling(h, n, np.max) + rolling(l, n, np.min)) / 2


def later(values, n):
    return np.concatenate([np.full(n, np.nan), values[: len(values) - n]])


def ichimoku(h, l):
    return {
        "ICHIMOKU_TENKAN_9": middle(h, l, 9),
        "ICHIMOKU_KIJUN_26": middle(h, l, 26),
        "ICHIMOKU_SENKOU_A_9_26_26": later((middle(h, l, 9) + middle(h, l, 26)) / 2, 26),
        "ICHIMOKU_SENKOU_A_3_7_1": later((middle(h, l, 3) + middle(h, l, 7)) / 2, 1),
        "ICHIMOKU_SENKOU_B_52_26": later(middle(h, l, 52), 26),
        "ICHIMOKU_SENKOU_B_20_25": later(middle(h, l, 20), 25),
    }


def candles(o, h, l, c):
    opened, high, low, close = talib.HA(o, h, l, c)
    return {"HA_OPEN": opened, "HA_HIGH": high, "HA_LOW": low, "HA_CLOSE": close}


def wilder(values, n):
    """Wilder's average, from the nth value on."""
    out = np.full(len(values), np.nan)
    out[n - 1] = np.mean(values[:n])
    for i in range(n, len(values)):
        out[i] = (out[i - 1] * (n - 1) + values[i]) / n
    return out


def strength(c, n, m):
    """RMI; RSI where m is 1. Undefined where the last n changes are all 0."""
    change = c[m:] - c[:-m]
    gain, loss = wilder(np.maximum(change, 0), n), wilder(np.maximum(-change, 0), n)
    still = rolling(np.abs(change), n, np.max) == 0
    return np.concatenate([np.full(m, np.nan), blank(100 * gain / (gain + loss), still)])


def momentum(h, l, c):
    before = np.concatenate([[np.nan], c[:-1]])
    ranges = np.maximum(h - l, np.maximum(np.abs(h - before), np.abs(l - before)))
    return {
        **{f"RMI_{n}_{m}": strength(c, n, m) for n, m in [(20, 5), (14, 1), (2, 3)]},
        **{f"CTI_{n}": correlation(c, n) for n in [2, 12, 20]},
        **{f"CHOP_{n}": choppiness(h, l, ranges, n) for n in [2, 14]},
        **stochastic_strength(c),
    }


def correlation(c, n):
    """Pearson's, which is undefined where the closes differ by rounding alone."""

    def one(closes):
        # Around the last close, so that the sums keep their digits.
        apart = closes - closes[-1]
        if np.std(apart) <= 1e-12 * closes[-1]:
            return np.nan
        return np.corrcoef(np.arange(n), apart)[0, 1]

    return rolling(c, n, one)


def choppiness(h, l, ranges, n):
    height = rolling(h, n, np.max) - rolling(l, n, np.min)
    total = rolling(ranges, n, math.fsum)
    return 100 * np.log10(blank(total / height, height == 0)) / np.log10(n)


def stochastic_strength(c):
    """TA-Lib's; undefined where the RSI is, or moved by no more than rounding."""
    found = {}
    for n, k in [(14, 5), (14, 14), (5, 3)]:
        strengths = strength(c, n, 1)
        still = ~(rolling(strengths, k, np.max) - rolling(strengths, k, np.min) > 1e-10)
        raw = blank(talib.STOCHRSI(c, n, k, 1)[0], still)
        once = rolling(raw, 3, np.mean)
        found[f"STOCHRSI_FASTK_{n}_{k}"] = raw
        # TA-Lib's average of raw values that it has as 0 where they are undefined is of no use.
        found[f"STOCHRSI_FASTD_{n}_{k}_3"] = blank(talib.STOCHRSI(c, n, k, 3)[1], np.isnan(once))
        found[f"STOCHRSI_K_{n}_{k}_3"] = once
        found[f"STOCHRSI_D_{n}_{k}_3"] = rolling(once, 3, np.mean)
    return found


def weighted(h, l, c, v):
    found = {}
    for n in [1, 20]:
        traded = rolling(v, n, np.max) > 0
        found[f"VWMA_{n}"] = blank(talib.VWMA(c, v, n), ~traded)
        if n > 1:
            found[f"CMF_{n}"] = blank(talib.CMF(h, l, c, v, n), ~traded)
    return found


def vwap_bands(t, h, l, c, v):
    """Around the mean of each day from 00:00 on, in two passes over its bars so far."""
    typical = (h + l + c) / 3
    found = {name: np.full(len(c), np.nan) for name in ["VWAP_UPPER_1", "VWAP_LOWER_1", "VWAP_UPPER_2.5", "VWAP_LOWER_2.5"]}
    start = None
    for i in range(len(c)):
        start = i if t[i] % DAY_MS == 0 else start
        if start is None or sum(v[start : i + 1]) == 0:
            continue
        prices, volumes = typical[start : i + 1], v[start : i + 1]
        mean = math.fsum(prices * volumes) / math.fsum(volumes)
        deviation = math.sqrt(math.fsum(volumes * (prices - mean) ** 2) / math.fsum(volumes))
        for k in ["1", "2.5"]:
            found[f"VWAP_UPPER_{k}"][i] = mean + float(k) * deviation
            found[f"VWAP_LOWER_{k}"][i] = mean - float(k) * deviation
    return found


def pivots(t, h, l, c):
    """Of the last whole day that begins at 00:00."""
    names = ["PIVOT", "PIVOT_R1", "PIVOT_R2", "PIVOT_R3", "PIVOT_S1", "PIVOT_S2", "PIVOT_S3"]
    found = {name: np.full(len(c), np.nan) for name in names}
    starts = [i for i in range(len(c)) if t[i] % DAY_MS == 0] + [len(c)]
    for day, start, end in zip(starts, starts[1:], starts[2:]):
        high, low, close = max(h[day:start]), min(l[day:start]), c[start - 1]
        pivot = (high + low + close) / 3
        levels = [
            pivot,
            2 * pivot - low,
            pivot + high - low,
            high + 2 * (pivot - low),
            2 * pivot - high,
            pivot - high + low,
            low - 2 * (high - pivot),
        ]
        for name, level in zip(names, levels):
            found[name][start:end] = level
    return found
