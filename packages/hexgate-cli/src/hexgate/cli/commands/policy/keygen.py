"""`hexgate policy keygen`: a name in, a new pair of keys out, `NAME.private` and `NAME.public`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hexgate.cli.loading import new_app
from hexgate.cli.output import Output, visible
from hexgate.core.bundle.keyfiles import write_pair
from hexgate.core.bundle.keys import SigningKey

__all__ = ["app"]

app = new_app()
HELP = """\
Make a pair of keys: a private one that signs bundles, and a public one that verifies them.

\b
Examples:
  hexgate policy keygen
  hexgate policy keygen --out keys/2027-01

The private key goes into a file that nobody else may read, and never leaves the place where bundles are built. The public key goes
wherever they are read. Exit codes: 0 done, 2 usage, or a key that is there already.
"""


@app.command(help=HELP)
def keygen(
    out: Annotated[
        Path, typer.Option("--out", metavar="PREFIX", help="Writes PREFIX.private and PREFIX.public.")
    ] = Path("hexgate"),
    force: Annotated[bool, typer.Option("--force", help="Replace keys that are there.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")] = False,
) -> int:
    """A name in, two files out."""
    key = SigningKey.new()
    private, public = write_pair(key, out, force=force)
    output = Output(as_json=as_json)
    output.document({"key_id": key.public.key_id, "private": str(private), "public": str(public)})
    output.line(f"{output.paint('✓', 'green', 'bold')} the key {key.public.key_id}")
    output.line(f"  {visible(str(private))}  signs: keep it where bundles are built, and nowhere else")
    output.line(f"  {visible(str(public))}   verifies: give it to whoever reads bundles")
    return 0
