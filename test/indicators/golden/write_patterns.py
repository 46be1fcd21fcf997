"""Writes the golden values of TA-Lib's candle patterns for test/indicators/patterns.test.ts.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install numpy==2.4.6 TA-Lib==0.8.2
    /tmp/golden/bin/python test/indicators/golden/write_patterns.py

The wheel TA-Lib 0.8.2 carries the C library 0.8.1. A series has one line a pattern: its canonical
name, then `row:value` for each row where the value is not 0. Real series are those of data/. Made
ones are in patterns/bars.csv.gz, in whole ticks: `rich` is cut from millions of random bars around
the rows where a pattern has a value, until each value of each pattern is there three times; `cents`
is the same market with prices that are no whole numbers; the others have bodies or ranges of 0.
"""

import csv
import gzip
from pathlib import Path

import numpy as np
import talib

HERE = Path(__file__).parent
OUT = HERE / "patterns"
REAL = ["AAPL-1d", "BTCUSD-30m", "EURUSD-1h"]
ROWS = 1_500
FUNCTIONS = talib.get_function_groups()["Pattern Recognition"]
PENETRATION = {
    "CDLABANDONEDBABY": [0.3, 0.7],
    "CDLDARKCLOUDCOVER": [0.5, 0.2],
    "CDLEVENINGDOJISTAR": [0.3, 0.7],
    "CDLEVENINGSTAR": [0.3, 0.7],
    "CDLMATHOLD": [0.5, 0.2],
    "CDLMORNINGDOJISTAR": [0.3, 0.7],
    "CDLMORNINGSTAR": [0.3, 0.7],
}
# No pattern with its averages reads more bars than this.
REACH = 15


def values(bars):
    """Every pattern by canonical name, with each penetration that is tried."""
    found = {}
    for function in FUNCTIONS:
        name = f"CDL_{function[3:]}"
        read = getattr(talib, function)
        if function in PENETRATION:
            for share in PENETRATION[function]:
                found[f"{name}_{share}"] = read(*bars, penetration=share)
        else:
            found[name] = read(*bars)
    return found


def real(name):
    with open(HERE / "../../../data" / f"{name}.csv", newline="") as file:
        rows = list(csv.DictReader(file))[:ROWS]
    return [np.array([float(row[field]) for row in rows]) for field in ["open", "high", "low", "close"]]


def random_bars(count, seed):
    """A walk in whole ticks, rich in small bodies, dojis, bare ends and gaps."""
    random = np.random.Generator(np.random.PCG64(seed))
    half = lambda values: np.where(random.random(count) < 0.5, 0, values)
    gap = half(random.integers(-3, 4, count)) * random.choice([0, 1, 2], count)
    body = np.where(random.random(count) < 0.25, 0, random.integers(-6, 7, count)) * random.choice([1, 1, 2], count)
    close = 20_000 + np.cumsum(gap + body)
    opened = close - body
    high = np.maximum(opened, close) + half(random.integers(0, 7, count))
    low = np.minimum(opened, close) - half(random.integers(0, 7, count))
    return [values.astype(float) for values in (opened, high, low, close)]


def rich():
    """Pieces of random bars, moved to a price near 500, one after the other."""
    pieces, seed = {}, 0
    while len({name for name, _ in pieces}) < len(FUNCTIONS) or min(map(len, pieces.values())) < 3:
        bars = random_bars(1_000_000, seed)
        seed += 1
        for name in FUNCTIONS:
            column = getattr(talib, name)(*bars)
            for value in np.unique(column[column != 0]):
                found = pieces.setdefault((name, value), [])
                rows = np.nonzero(column == value)[0]
                found += [piece_of(bars, row) for row in rows[rows >= REACH][: 3 - len(found)]]
    chosen = [piece for found in pieces.values() for piece in found]
    return [np.concatenate([piece[field] for piece in chosen]) for field in range(4)]


def piece_of(bars, row):
    cut = slice(row - REACH, row + 1)
    shift = 500 - bars[0][row - REACH]
    return [field[cut] + shift for field in bars]


def made():
    bars = rich()
    opened, high, low, close = (field[:600] for field in bars)
    still = np.full(60, 500.0)
    flat = close
    return {
        "rich": bars,
        "cents": [field / 100 for field in bars],
        "constant": [still, still, still, still],
        "no range": [flat, flat, flat, flat],
        "no bodies": [close, high, low, close],
        "bodies only": [opened, np.maximum(opened, close), np.minimum(opened, close), close],
    }


def main():
    OUT.mkdir(exist_ok=True)
    bars = made()
    ticks = "\n".join(",".join(f"{price:.0f}" for price in row) for row in zip(*bars["rich"]))
    write("bars.csv.gz", f"open,high,low,close\n{ticks}\n")
    for name, series in {**{name: real(name) for name in REAL}, **bars}.items():
        lines = [f"{pattern} {firings(column)}".rstrip() for pattern, column in values(series).items()]
        write(f"{name.replace(' ', '-')}.txt.gz", "\n".join(lines) + "\n")


def firings(column):
    return " ".join(f"{row}:{column[row]}" for row in np.nonzero(column)[0])


def write(name, text):
    # Without a time of writing in it, the same values give the same file.
    (OUT / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
