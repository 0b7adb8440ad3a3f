"""The files of tests/conformance/cases in, policies and questions with the wanted answers out.

A small reader of its own, so that the reference is checked against the cases by nothing that the command line shares. Values are
those of JSON: `1e23` is a number, a day is a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hexgate.core.policy.policy import Policy

__all__ = ["CASES", "Case", "cases"]

CASES = Path(__file__).parents[1] / "conformance" / "cases"


@dataclass(frozen=True)
class Case:
    """One call of a suite, and what must come of it."""

    file: str
    suite: str
    name: str
    policy: Any
    asked: dict[str, Any]
    expect: dict[str, Any]

    def load(self) -> Policy:
        """The policy, in whichever of its forms it was given."""
        if isinstance(self.policy, str):
            return Policy.load(CASES / self.policy)
        if "text" in self.policy:
            return Policy.from_text(self.policy["text"], "policy.yaml")
        return Policy.from_files(self.policy["files"])


class JsonLoader(yaml.SafeLoader):
    """YAML whose plain values are those of JSON and nothing else."""


JsonLoader.yaml_implicit_resolvers = {}

INTEGER = r"-?(?:0|[1-9][0-9]*)"
JsonLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(?:null|Null|NULL|~|)\Z"), [*"nN~", ""])
JsonLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), [*"tTfF"]
)
JsonLoader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(rf"{INTEGER}\Z"), [*"-0123456789"])
JsonLoader.add_implicit_resolver(
    "json:float", re.compile(rf"{INTEGER}(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?\Z"), [*"-0123456789"]
)
JsonLoader.add_constructor("json:float", lambda loader, node: float(node.value))


def cases() -> Iterator[Case]:
    """Every case that asks a question; suites of mistakes ask none."""
    for path in sorted(CASES.glob("*.yaml")):
        with path.open(encoding="utf-8") as file:
            found = yaml.load(file, Loader=JsonLoader)
        for suite in found["suites"]:
            for case in suite.get("cases", ()):
                yield Case(path.name, suite["name"], case["name"], suite["policy"], case, case["expect"])
