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


def still(values, n):
    """Whether the last n changes are all 0."""
    change = np.diff(values, prepend=np.nan)
    return rolling(np.abs(change), n, np.max) == 0


def silent(values, n):
    """Whether the last n values are all 0."""
    return rolling(np.abs(values), n, np.max) == 0


def flat(h, l, n):
    """Whether the range of the last n bars is 0."""
    return rolling(h, n, np.max) == rolling(l, n, np.min)


def since(where, n):
    """Whether it was so on one of the last n bars."""
    return np.array([where[max(0, i - n + 1) : i + 1].any() for i in range(len(where))])


def lagged(values, n):
    return np.concatenate([np.full(n, np.nan), values[:-n]])


def moved(values, n):
    """The change over n bars."""
    return values - lagged(values, n)


def noisy(values, c):
    """Not compared from where prices stood still: the phase is then that of TA-Lib's running sums."""
    still_before = np.logical_or.accumulate(still(c, 22))
    return values if still(c, len(c) - 1)[-1] else np.where(still_before, np.inf, values)


def wilder_settle(n):
    return 0 if n == 1 else int(np.ceil(np.log(1e-12) / np.log(1 - 1 / n)))


def columns(bars):
    o, h, l, c, v = (bars[field] for field in ["open", "high", "low", "close", "volume"])
    return {
        **averages(h, l, c, v),
        **prices(o, h, l, c),
        **channels(h, l, c),
        **extremes(h, l, c),
        **statistics(h, l, c),
        **oscillators(o, h, l, c),
        **differences(h, l, c, v),
        **momentum(o, h, l, c),
        **directional(h, l, c),
        **volatility(h, l, c),
        **volumes(h, l, c, v),
        **cycle(c),
        **transforms(c),
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
        **{f"ER_{n}": blank(talib.ER(c, n), still(c, n)) for n in [2, 10]},
        **{name: noisy(values, c)
           for a, b in [(0.5, 0.05), (0.8, 0.1)]
           for name, values in zip([f"MAMA_{a}_{b}", f"FAMA_{a}_{b}"], talib.MAMA(c, a, b))},
    }


def channels(h, l, c):
    bands = ["UPPER", "MIDDLE", "LOWER"]
    return {
        **{f"ACCBANDS_{band}_{n}": values for n in [2, 20] for band, values in zip(bands, talib.ACCBANDS(h, l, c, n))},
        "SAR_0.02_0.2": talib.SAR(h, l, 0.02, 0.2),
        "SAR_0.3_0.1": talib.SAR(h, l, 0.3, 0.1),
        **{f"FRACTAL_{side}_{a}_{b}": values.astype(float)
           for a, b in [(2, 2), (1, 3)]
           for side, values in zip(["HIGH", "LOW"], fractals(h, l, a, b))},
    }


def fractals(h, l, left, right):
    """TA-Lib's are whole numbers, with 0 before the first."""
    values = np.array(talib.FRACTAL(h, l, left, right), dtype=float)
    values[:, : left + right] = np.nan
    return values


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


def statistics(h, l, c):
    return {
        **{f"LINEARREG_{n}": talib.LINEARREG(c, n) for n in [2, 14]},
        **{f"LINEARREG_SLOPE_{n}": talib.LINEARREG_SLOPE(c, n) for n in [2, 14]},
        **{f"LINEARREG_ANGLE_{n}": talib.LINEARREG_ANGLE(c, n) for n in [2, 14]},
        **{f"LINEARREG_INTERCEPT_{n}": talib.LINEARREG_INTERCEPT(c, n) for n in [2, 14]},
        **{f"TSF_{n}": talib.TSF(c, n) for n in [2, 14]},
        **{f"VAR_{n}": talib.VAR(c, n) for n in [2, 20]},
        **{f"AVGDEV_{n}": talib.AVGDEV(c, n) for n in [2, 14]},
        **{f"BARS_SINCE_MAX_{n}": back(c, talib.MAXINDEX(c, n), n) for n in [5, 20]},
        **{f"BARS_SINCE_MIN_{n}": back(-c, talib.MININDEX(c, n), n) for n in [5, 20]},
        **{f"PERCENTILE_{n}_{p}": talib.PERCENTILE(c, n, p) for n, p in [(20, 50), (7, 12.5), (30, 90), (10, 100)]},
        **{f"PERCENTRANK_{n}": talib.PERCENTRANK(c, n) for n in [5, 100]},
        **{f"CORREL_{n}": blank(talib.CORREL(h, l, n), same(h, n) | same(l, n)) for n in [5, 30]},
    }


def back(values, index, n):
    """How many bars ago the largest came. Among equals TA-Lib's place depends on the bars before, the newest does not."""
    ago = rolling(values, n, lambda window: np.argmax(window[::-1]))
    for i in range(n - 1, len(values)):
        assert values[index[i]] == values[i - int(ago[i])]
    return ago


def same(values, n):
    return rolling(values, n, np.max) == rolling(values, n, np.min)


def oscillators(o, h, l, c):
    body = c - o
    return {
        **{f"CMO_{n}": blank(talib.CMO(c, n), still(c, n)) for n in [2, 14]},
        **{f"CMOU_{n}": blank(talib.CMOU(c, n), still(c, n)) for n in [2, 14]},
        **{f"IMI_{n}": blank(talib.IMI(o, c, n), silent(body, n)) for n in [2, 14]},
        **{f"ULTOSC_{a}_{b}_{d}": blank(talib.ULTOSC(h, l, c, a, b, d), silent(nan_first(talib.TRANGE(h, l, c)), min(a, b, d)))
           for a, b, d in [(7, 14, 28), (9, 3, 5)]},
        **{f"TSI_{a}_{b}": blank(talib.TSI(c, a, b), still(c, a)) for a, b in [(25, 13), (5, 9)]},
        **{f"KDJ_{name}_{k}_{s}_{d}": blank(values, since(flat(h, l, k), wilder_settle(s) + wilder_settle(d) + 1))
           for k, s, d in [(9, 3, 3), (5, 2, 4)]
           for name, values in zip("KDJ", talib.KDJ(h, l, c, k, s, 13, d, 13))},
        **{f"{name}_{n}_{a}_{b}": blank(values, flat(h, l, n))
           for n, a, b in [(13, 2, 25), (5, 3, 9)]
           for name, values in zip(["SMI", "SMI_SIGNAL"], talib.SMI(h, l, c, n, a, b, 9))},
    }


def nan_first(values):
    return np.concatenate([[np.nan], values[1:]])


def differences(h, l, c, v):
    ema = 1
    return {
        **{f"APO_{a}_{b}": talib.APO(c, a, b, ema) for a, b in [(12, 26), (3, 7)]},
        **{f"PPO_{a}_{b}": talib.PPO(c, a, b, ema) for a, b in [(12, 26), (3, 7)]},
        **{f"PVO_{a}_{b}": blank(talib.PVO(v, a, b, ema), silent(v, b)) for a, b in [(12, 26), (3, 7)]},
        **{f"TRIX_{n}": talib.TRIX(c, n) for n in [1, 5, 15]},
        **{f"COPPOCK_{n}_{a}_{b}": talib.COPPOCK(c, n, a, b) for n, a, b in [(10, 11, 14), (4, 7, 3)]},
        **{f"AO_{a}_{b}": talib.AO(h, l, a, b) for a, b in [(5, 34), (2, 5)]},
        **{f"AC_{a}_{b}_{d}": talib.AC(h, l, a, b, d) for a, b, d in [(5, 34, 5), (2, 5, 3)]},
    }


def momentum(o, h, l, c):
    return {
        **{f"ROCP_{n}": talib.ROCP(c, n) for n in [1, 10]},
        **{f"ROCR_{n}": talib.ROCR(c, n) for n in [1, 10]},
        **{f"ROCR100_{n}": talib.ROCR100(c, n) for n in [1, 10]},
        **{f"QSTICK_{n}": talib.QSTICK(o, c, n) for n in [2, 10]},
        **{f"FOSC_{n}": talib.FOSC(c, n) for n in [2, 5, 14]},
        **{f"DPO_{n}": talib.DPO(c, n) for n in [3, 7, 20]},
        **{f"VHF_{n}": blank(talib.VHF(c, n), still(c, n)) for n in [2, 28]},
        **{f"{name}_{n}": values for n in [5, 13] for name, values in zip(["BULL_POWER", "BEAR_POWER"], talib.ERI(h, l, c, n))},
        **{f"VORTEX_{side}_{n}": blank(values, silent(nan_first(talib.TRANGE(h, l, c)), n))
           for n in [2, 14]
           for side, values in zip(["PLUS", "MINUS"], talib.VORTEX(h, l, c, n))},
    }


def directional(h, l, c):
    columns = {}
    for n in [5, 14]:
        plus, minus = talib.PLUS_DI(h, l, c, n), talib.MINUS_DI(h, l, c, n)
        none = silent(nan_first(talib.TRANGE(h, l, c)), n) | (plus + minus == 0)
        adx = blank(talib.ADX(h, l, c, n), none)
        columns |= {
            f"PLUS_DM_{n}": talib.PLUS_DM(h, l, n),
            f"MINUS_DM_{n}": talib.MINUS_DM(h, l, n),
            f"DX_{n}": blank(talib.DX(h, l, c, n), none),
            f"ADXR_{n}": blank(talib.ADXR(h, l, c, n), np.isnan(adx) | np.isnan(lagged(adx, n - 1))),
        }
    return columns


def volatility(h, l, c):
    return {
        **{f"ADR_{n}": talib.ADR(h, l, n) for n in [2, 14]},
        **{f"CVI_{n}_{m}": blank(talib.CVI(h, l, n, m), silent(h - l, n) | (lagged(talib.EMA(h - l, n), m) == 0))
           for n, m in [(10, 10), (3, 5)]},
        **{f"MASSI_{n}_{m}": blank(talib.MASSI(h, l, n, m), silent(h - l, n)) for n, m in [(9, 25), (3, 5)]},
        **{f"RVI_{n}_{m}": blank(talib.RVI(c, n, m), still(c, n)) for n, m in [(14, 10), (5, 4)]},
    }


def volumes(h, l, c, v):
    obv, ad, pvt = talib.OBV(c, v), talib.AD(h, l, c, v), talib.PVT(c, v)
    columns = {"MARKETFI": blank(talib.MARKETFI(h, l, v), v == 0)}
    for n in [2, 20]:
        columns |= {
            f"OBV_CHANGE_{n}": moved(obv, n),
            f"OBV_SLOPE_{n}": talib.LINEARREG_SLOPE(obv, n),
            f"AD_CHANGE_{n}": moved(ad, n),
            f"AD_SLOPE_{n}": talib.LINEARREG_SLOPE(ad, n),
            f"PVT_CHANGE_{n}": moved(pvt, n),
            f"WAD_CHANGE_{n}": moved(talib.WAD(h, l, c), n),
            f"NVI_ROC_{n}": talib.ROC(talib.NVI(c, v), n),
            f"PVI_ROC_{n}": talib.ROC(talib.PVI(c, v), n),
            f"RVOL_{n}": blank(talib.RVOL(v, n), lagged(silent(v, n).astype(float), 1) == 1),
        }
    columns |= {f"ADOSC_{a}_{b}": talib.ADOSC(h, l, c, v, a, b) for a, b in [(3, 10), (2, 30)]}
    columns |= {f"EFI_{n}": talib.EFI(c, v, n) for n in [1, 13]}
    return columns


def cycle(c):
    none = still(c, 49)
    count = np.zeros(len(c))
    for i in range(1, len(c)):
        count[i] = count[i - 1] + 1 if c[i] == c[i - 1] else 0
    phaseless = count + 1 >= np.floor(talib.HT_DCPERIOD(c) + 0.5) + 3
    inphase, quadrature = talib.HT_PHASOR(c)
    sine, lead = talib.HT_SINE(c)
    trendmode = talib.HT_TRENDMODE(c).astype(float)
    trendmode[:63] = np.nan
    return {
        "HT_DCPERIOD": blank(talib.HT_DCPERIOD(c), none),
        "HT_INPHASE": inphase,
        "HT_QUADRATURE": quadrature,
        "HT_DCPHASE": blank(talib.HT_DCPHASE(c), phaseless),
        "HT_SINE": blank(sine, phaseless),
        "HT_LEADSINE": blank(lead, phaseless),
        "HT_TRENDMODE": blank(trendmode, phaseless),
        "HT_TRENDLINE": talib.HT_TRENDLINE(c),
    }


def transforms(c):
    finite = lambda values: blank(values, ~np.isfinite(values))
    names = ["LN", "LOG10", "SQRT", "EXP", "FLOOR", "CEIL", "SIN", "COS", "TAN", "ASIN", "ACOS", "ATAN", "SINH", "COSH", "TANH"]
    return {name: finite(getattr(talib, name)(c)) for name in names}
