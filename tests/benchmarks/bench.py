"""Measures Hexgate and says which targets are met: `make bench`, or this file with `--only` for one group of figures."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import decisions
import doors
import loading
import modules
import record
import refreshing
import starting
import tokens
from harness import Figure

from hexgate.core import __version__

RESULTS = Path(__file__).parent / "results"
GROUPS: dict[str, Callable[[], Iterator[Figure]]] = {
    "decisions": decisions.figures,
    "doors": doors.figures,
    "loading": loading.figures,
    "modules": modules.figures,
    "record": record.figures,
    "refreshing": refreshing.figures,
    "starting": starting.figures,
    "tokens": tokens.figures,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the groups, prints their figures as they come, keeps them by version; 1 when a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=GROUPS, help="run one group")
    parser.add_argument("--json", type=Path, default=RESULTS / f"{__version__}.json", help="where the figures are kept")
    options = parser.parse_args(arguments)
    figures: list[Figure] = []
    for name, group in GROUPS.items():
        if options.only in (None, name):
            print(f"── {name}")
            for figure in group():
                print(figure, flush=True)
                figures.append(figure)
    options.json.parent.mkdir(parents=True, exist_ok=True)
    about = {"version": __version__, "python": platform.python_version(), "machine": platform.machine()}
    options.json.write_text(json.dumps({**about, "figures": [figure.as_dict() for figure in figures]}, indent=2) + "\n")
    missed = [figure.name for figure in figures if figure.met is False]
    print(f"{len(figures)} figures, {len(missed)} targets missed; kept in {options.json}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
