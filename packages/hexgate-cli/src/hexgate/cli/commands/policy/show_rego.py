"""`hexgate policy show-rego`: a policy in, its text as Rego out, to read it or to give it to OPA."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hexgate.cli.files import write_atomically
from hexgate.cli.loading import new_app
from hexgate.cli.output import Output, counted, visible
from hexgate.core.policy import Policy
from hexgate.core.program import compile_policy
from hexgate.core.rego import rego_text

__all__ = ["app"]

QUERY = "data.hexgate.policy.decision"
app = new_app()
HELP = """\
Print a policy as Rego, to review it or to ask it in OPA.

\b
Examples:
  hexgate policy show-rego policy.yaml
  hexgate policy show-rego policies/ -o policy.rego
  opa eval -d policy.rego -i question.json data.hexgate.policy.decision

The Rego answers as Hexgate does. Exit codes: 0 printed, 1 mistakes in the policy, 2 usage.
"""


@app.command(help=HELP)
def show_rego(
    policy: Annotated[Path, typer.Argument(metavar="PATH", help="A file, a directory of role files, or `-`.")],
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write it there instead of printing it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")] = False,
) -> int:
    """A policy in, its Rego out."""
    program = compile_policy(Policy.load(policy))
    text = rego_text(program)
    output = Output(as_json=as_json)
    told = {"digest": program.digest, "query": QUERY}
    if out is None:
        output.document({**told, "rego": text})
        if not as_json:
            output.exact(text)
        return 0
    write_atomically(out, text)
    output.document({**told, "path": str(out)})
    output.line(f"{output.paint('✓', 'green', 'bold')} {visible(str(out))} · {counted(text.count(chr(10)), 'line')}")
    return 0
