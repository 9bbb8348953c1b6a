"""Measure the rows of benchmarks/rows and print a table, or with --json one object a line.

script/bench [--only NAME …] [--json] [--list]
"""

import argparse
import json
import os
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

import django

from benchmarks import rows
from benchmarks.measure import Counts, Result, measure


def names() -> list[str]:
    return sorted(module.name for module in iter_modules(rows.__path__))


def results(chosen: list[str]) -> Iterator[Result | Counts]:
    """Measure one row after the other; a module with `counts` has something to count instead of a floor."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    django.setup()
    for name in chosen:
        module = import_module(f"benchmarks.rows.{name}")
        if hasattr(module, "counts"):
            yield module.counts()
        else:
            with module.row() as row:
                yield measure(row)


def as_json(result: Result | Counts) -> str:
    if isinstance(result, Counts):
        return json.dumps({"name": result.name, **result.figures})
    figures = {"ours_ms": result.ours_ms, "floor_ms": result.floor_ms, "ratio": result.ratio}
    return json.dumps({"name": result.row.name} | {key: round(value, 3) if value else None for key, value in figures.items()})


def as_text(result: Result | Counts) -> str:
    if isinstance(result, Counts):
        figures = ", ".join(f"{name} {value:g}" for name, value in result.figures.items())
        return f"{result.name:<14} {figures}  {'reached' if result.reached else 'MISSED'}  {result.what}"
    floor = f"{result.floor_ms:9.2f} {result.ratio:6.2f}" if result.floor_ms and result.ratio else f"{'–':>9} {'–':>6}"
    goals = [
        f"≤ {result.row.most_ratio:g}×" if result.row.most_ratio else "",
        f"≤ {result.row.most_ms:g} ms" if result.row.most_ms else "",
    ]
    verdict = "reached" if result.reached else "MISSED"
    return f"{result.row.name:<14} {result.ours_ms:9.2f} {floor}  {verdict:<8} {', '.join(filter(None, goals)):<18} {result.row.what}"


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="script/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", nargs="+", choices=names(), metavar="NAME", help="these rows, not all")
    parser.add_argument("--json", action="store_true", help="one JSON object a line: name, ours_ms, floor_ms, ratio")
    parser.add_argument("--list", action="store_true", help="the names of the rows, then stop")
    options = parser.parse_args()
    if options.list:
        print("\n".join(names()))
        return
    if not options.json:
        print(f"{'row':<14} {'ours ms':>9} {'floor ms':>9} {'ratio':>6}  {'goal':<27} what")
    for result in results(options.only or names()):
        print(as_json(result) if options.json else as_text(result), flush=True)


if __name__ == "__main__":
    main()
