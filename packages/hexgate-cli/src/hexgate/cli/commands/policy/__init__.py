"""`hexgate policy`: one module for each command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from hexgate.cli.loading import LazyGroup, new_app

__all__ = ["app"]

HERE = "hexgate.cli.commands.policy"


class PolicyCommands(LazyGroup):
    """The commands about policies."""

    table: ClassVar[Mapping[str, str]] = {
        "validate": f"{HERE}.validate",
        "test": f"{HERE}.test",
        "explain": f"{HERE}.explain",
        "fmt": f"{HERE}.fmt",
        "schema": f"{HERE}.schema",
        "show-rego": f"{HERE}.show_rego",
        "build": f"{HERE}.build",
        "keygen": f"{HERE}.keygen",
        "verify": f"{HERE}.verify",
        "inspect": f"{HERE}.inspect",
    }


app = new_app(cls=PolicyCommands, no_args_is_help=True)
HELP = """\
Validate, test, explain and format policies; build and verify signed bundles of them.

\b
Examples:
  hexgate policy validate policy.yaml
  hexgate policy test policy.yaml --role support --tool refund_order --args '{"amount": 400}'
  hexgate policy build policy.yaml --sign-key hexgate.private

A policy is a YAML file, a directory with one file a role, or `-` for standard input.
"""


@app.callback(help=HELP)
def policy() -> None:
    """The group itself does nothing."""
