"""Sweeps with NumPy: reads strategies and values from the file named, then sweeps once for each line on standard input.

Answers each with a line of JSON: the seconds it took and what it counted over the first `few` strategies and over all.
"""

import json
import sys
import time

import numpy as np

CHUNK = 256


def load(path):
    with open(path, encoding="utf-8") as file:
        given = json.load(file)
    # One row a feature, one column a symbol; what is undefined is null in the file.
    values = np.array([[np.nan if v is None else v for v in row] for row in given["values"]])
    return given["rules"], values, given["few"]


def group(rules):
    """Conditions kept once, and strategies of equal logic and length together: that is what NumPy is fast at."""
    conditions = {}
    groups = {}
    for place, (logic, listed) in enumerate(rules):
        ids = [conditions.setdefault(tuple(condition), len(conditions)) for condition in listed]
        groups.setdefault((logic, len(ids)), []).append((place, ids))
    arrays = [
        (logic, np.array([place for place, _ in members]), np.array([ids for _, ids in members]))
        for (logic, _), members in groups.items()
    ]
    return list(conditions), arrays


def sweep(conditions, groups, values, few):
    operators = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
    met = np.array([operators[operator](values[feature], threshold) for feature, operator, threshold in conditions])
    unknown = np.isnan(values)[[feature for feature, _, _ in conditions]]
    may = met | unknown
    counts = {"few": np.zeros(3, dtype=np.int64), "all": np.zeros(3, dtype=np.int64)}
    for logic, places, ids in groups:
        combine = np.all if logic == "ALL" else np.any
        for start in range(0, len(places), CHUNK):
            part = ids[start : start + CHUNK]
            holds = combine(met[part], axis=1)
            possible = combine(may[part], axis=1)
            by_strategy = np.stack([holds.sum(axis=1), (~possible).sum(axis=1), (possible & ~holds).sum(axis=1)], axis=1)
            counts["all"] += by_strategy.sum(axis=0)
            counts["few"] += by_strategy[places[start : start + CHUNK] < few].sum(axis=0)
    return {key: dict(zip(("met", "unmet", "unknown"), map(int, found))) for key, found in counts.items()}


def main():
    rules, values, few = load(sys.argv[1])
    conditions, groups = group(rules)
    for _ in sys.stdin:
        start = time.perf_counter()
        counts = sweep(conditions, groups, values, few)
        print(json.dumps({"seconds": time.perf_counter() - start, **counts}), flush=True)


main()
