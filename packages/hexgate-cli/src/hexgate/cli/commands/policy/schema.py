"""`hexgate policy schema`: the JSON schema of policies, or of suite files, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

from hexgate.cli.loading import new_app
from hexgate.cli.output import Output
from hexgate.core.policy.schema import json_schema
from hexgate.core.testing.schema import suite_schema

__all__ = ["app"]

app = new_app()
HELP = """\
Print the JSON schema of policies, or of suite files, for editors.

\b
Examples:
  hexgate policy schema > policy.schema.json
  hexgate policy schema --suite > suite.schema.json

An editor that knows YAML uses it through a first line such as:

\b
  # yaml-language-server: $schema=policy.schema.json
"""


@app.command(help=HELP)
def schema(
    suite: Annotated[bool, typer.Option("--suite", help="The schema of suite files instead.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, which it is anyway.")] = False,  # noqa: ARG001
) -> int:
    """The schema out."""
    Output(as_json=True).document(suite_schema() if suite else json_schema())
    return 0
