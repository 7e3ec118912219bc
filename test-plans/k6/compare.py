#!/usr/bin/env python3
"""Compares the summaries of two runs: compare.py BEFORE.json AFTER.json. Needs Python 3.9 and nothing else.

Exits with 1 when the second run failed, or a p95 of it is more than --worse times the first one's (1.5).
"""

import argparse
import json
import pathlib
import sys

COUNTS = ("acknowledged", "repeated", "unaccounted", "lost", "doubled", "unknown", "errors")


def times(report):
    """Percentiles in milliseconds by subject, phase and what was timed."""
    found = {}
    for subject in report["subjects"]:
        for metric, values in subject.items():
            if isinstance(values, dict):
                found[subject["subject"], "all", metric.removesuffix("_millis")] = values
    for each in report["phases"]:
        key = each["subject"], each["phase"], each["metric"].removesuffix("_millis")
        found[key] = {name: each[name] for name in ("p50", "p95", "p99", "max")}
    return found


def print_table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    print()


def counts(before, after):
    rows = [("SUBJECT", "COUNT", "BEFORE", "AFTER")]
    old = {each["subject"]: each for each in before["subjects"]}
    for each in after["subjects"]:
        for name in COUNTS:
            was = old.get(each["subject"], {}).get(name, 0)
            if was != each[name] or name == "acknowledged":
                rows.append((each["subject"], name, f"{was:g}", f"{each[name]:g}"))
    return rows


def percentiles(before, after, worse):
    rows = [("SUBJECT", "PHASE", "MILLIS", "P50", "P95", "P99", "MAX", "")]
    slower = 0
    old = times(before)
    for key, now in times(after).items():
        was = old.get(key)
        if was is None:
            continue
        cells = [f"{was[name]:.0f} > {now[name]:.0f}" for name in ("p50", "p95", "p99", "max")]
        is_slower = now["p95"] > worse * max(was["p95"], 1)
        slower += is_slower
        rows.append((*key, *cells, "slower" if is_slower else ""))
    return rows, slower


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("before", type=pathlib.Path)
    parser.add_argument("after", type=pathlib.Path)
    parser.add_argument("--worse", type=float, default=1.5, help="factor of p95 that counts as slower")
    given = parser.parse_args()
    before, after = (json.loads(path.read_text()) for path in (given.before, given.after))
    print_table(counts(before, after))
    rows, slower = percentiles(before, after, given.worse)
    print_table(rows)
    if before["plan"] != after["plan"] or before["rates"] != after["rates"]:
        print("these were runs of different plans or rates: their times tell little")
    for condition in after["failed"]:
        print(f"failed: {condition}")
    sys.exit(1 if slower or after["failed"] else 0)


if __name__ == "__main__":
    main()
