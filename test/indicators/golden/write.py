"""Writes the golden values of TA-Lib that test/indicators/functions.test.ts compares with.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install numpy==2.4.6 TA-Lib==0.8.2
    /tmp/golden/bin/python test/indicators/golden/write.py

The wheel TA-Lib 0.8.2 carries the C library 0.8.1. A group is a module beside this one with a
function `columns(bars)` that gives arrays by canonical name, NaN where the value is undefined (R9).
Each group has a folder: one gzipped CSV a series, of 12 significant digits. Series that are not in
data/ are made here, and written to bars/.
"""

import csv
import gzip
import importlib
import io
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROWS = 400
GROUPS = ["functions", "strategies"]
REAL = ["AAPL-1d", "BTCUSD-30m", "EURUSD-1h"]
FIELDS = ["open", "high", "low", "close", "volume"]
HOUR_MS = 3_600_000


def real(name):
    """The first rows of a series of data/."""
    with open(HERE / "../../../data" / f"{name}.csv", newline="") as file:
        rows = list(csv.DictReader(file))[:ROWS]
    times = np.array([row["open_time"].rstrip("Z") for row in rows], dtype="datetime64[ms]").astype(float)
    return {"open_time": times, **{field: np.array([float(row[field]) for row in rows]) for field in FIELDS}}


def walk(count, seed, ties=False):
    """A walk that is the same everywhere; with ties, on a grid so coarse that values repeat."""
    random = np.random.Generator(np.random.PCG64(seed))
    step = random.integers(-3, 4, count) if ties else random.normal(0, 1, count)
    close = np.maximum(20, 100 + np.cumsum(step).astype(float))
    opened = np.concatenate([[100.0], close[:-1]])
    size = random.integers(0, 3, count) if ties else random.uniform(0, 2, count)
    high = np.maximum(opened, close) + size
    low = np.minimum(opened, close) - size
    volume = random.integers(0, 5, count).astype(float) if ties else random.uniform(1, 1000, count)
    return {"open": opened, "high": high, "low": low, "close": close, "volume": volume}


def still(bars, start, end):
    """The same market, standing still without volume: how gaps are filled (R5)."""
    made = {field: values.copy() for field, values in bars.items()}
    price = made["close"][start - 1]
    for field in FIELDS:
        made[field][start:end] = 0 if field == "volume" else price
    return made


def scaled(bars, start, factor):
    """Prices jump by a factor and go on from there."""
    made = {field: values.copy() for field, values in bars.items()}
    for field in FIELDS[:4]:
        made[field][start:] *= factor
    return made


def degenerate():
    """Markets in which formulas divide by nothing, or nearly."""
    constant = {field: np.full(300, 100.0) for field in FIELDS}
    return {
        "constant": constant,
        "no-volume": {**walk(300, 1), "volume": np.zeros(300)},
        "ties": walk(400, 2, ties=True),
        "gaps": scaled(scaled(still(walk(450, 3), 150, 260), 200, 0.125), 350, 16.0),
    }


def written(columns):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in zip(*columns.values()):
        writer.writerow("" if np.isnan(value) else format(value, ".12g") for value in row)
    return text.getvalue().encode()


def write(path, columns):
    path.parent.mkdir(exist_ok=True)
    # Without a time of writing in it, the same values give the same file.
    path.write_bytes(gzip.compress(written(columns), 9, mtime=0))


def main():
    made = degenerate()
    for name, bars in made.items():
        count = len(bars["close"])
        times = {"open_time": np.arange(count, dtype=float) * HOUR_MS}
        exact = {field: [float(value) for value in format_all(values)] for field, values in bars.items()}
        made[name] = {**times, **{field: np.array(values) for field, values in exact.items()}}
        write(HERE / "bars" / f"{name}.csv.gz", made[name])
    for group in GROUPS:
        module = importlib.import_module(group)
        for name, bars in {**{name: real(name) for name in REAL}, **made}.items():
            with np.errstate(all="ignore"):
                write(HERE / group / f"{name}.csv.gz", module.columns(bars))


def format_all(values):
    """Bars as they are read back: of as many digits as are written."""
    return [format(value, ".12g") for value in values]


if __name__ == "__main__":
    main()
