"""TA-Lib's functions that read a bar or one series, by the names that they have here.

Where TA-Lib answers 0 since its divisor is 0, the value is undefined here (R9): each such column is
blanked by a rule of its own, which is written here once more, in terms of whole arrays.
"""

import numpy as np
import talib


def blank(values, where):
    return np.where(where, np.nan, values)


def rolling(values, n, function):
    """A function of the last n values; NaN before there are as many."""
    out = np.full(len(values), np.nan)
    for i in range(n - 1, len(values)):
        out[i] = function(values[i - n + 1 : i + 1])
    return out


def columns(bars):
    o, h, l, c, v = (bars[field] for field in ["open", "high", "low", "close", "volume"])
    return {
        **averages(h, l, c, v),
        **prices(o, h, l, c),
        **extremes(h, l, c),
        **regressions(c),
    }


def averages(h, l, c, v):
    return {
        **{f"DEMA_{n}": talib.DEMA(c, n) for n in [1, 9, 20]},
        **{f"TEMA_{n}": talib.TEMA(c, n) for n in [1, 9, 20]},
        **{f"TRIMA_{n}": talib.TRIMA(c, n) for n in [1, 2, 9, 20]},
        **{f"RMA_{n}": talib.RMA(c, n) for n in [1, 14]},
        **{f"HMA_{n}": talib.HMA(c, n) for n in [1, 2, 9, 20]},
        **{f"ZLEMA_{n}": talib.ZLEMA(c, n) for n in [1, 2, 9, 20]},
        **{f"T3_{n}_{k}": talib.T3(c, n, k) for n, k in [(5, 0.7), (9, 0.5)]},
        **{f"KAMA_{n}": talib.KAMA(c, n) for n in [2, 10, 30]},
    }


def prices(o, h, l, c):
    return {
        "AVGPRICE": talib.AVGPRICE(o, h, l, c),
        "MEDPRICE": talib.MEDPRICE(h, l),
        "TYPPRICE": talib.TYPPRICE(h, l, c),
        "WCLPRICE": talib.WCLPRICE(h, l, c),
        "TRANGE": talib.TRANGE(h, l, c),
        "BOP": blank(talib.BOP(o, h, l, c), h == l),
    }


def extremes(h, l, c):
    return {
        **{f"MAX_{n}": talib.MAX(c, n) if n > 1 else c for n in [1, 5, 20]},
        **{f"MIN_{n}": talib.MIN(c, n) if n > 1 else c for n in [1, 5, 20]},
        **{f"SUM_{n}": talib.SUM(c, n) if n > 1 else c for n in [1, 5, 20]},
        **{f"MIDPOINT_{n}": talib.MIDPOINT(c, n) for n in [2, 14]},
        **{f"MIDPRICE_{n}": talib.MIDPRICE(h, l, n) for n in [2, 14]},
    }


def regressions(c):
    return {
        **{f"LINEARREG_{n}": talib.LINEARREG(c, n) for n in [2, 14]},
        **{f"LINEARREG_SLOPE_{n}": talib.LINEARREG_SLOPE(c, n) for n in [2, 14]},
        **{f"LINEARREG_ANGLE_{n}": talib.LINEARREG_ANGLE(c, n) for n in [2, 14]},
        **{f"LINEARREG_INTERCEPT_{n}": talib.LINEARREG_INTERCEPT(c, n) for n in [2, 14]},
        **{f"TSF_{n}": talib.TSF(c, n) for n in [2, 14]},
        **{f"VAR_{n}": talib.VAR(c, n) for n in [2, 20]},
        **{f"AVGDEV_{n}": talib.AVGDEV(c, n) for n in [2, 14]},
    }
