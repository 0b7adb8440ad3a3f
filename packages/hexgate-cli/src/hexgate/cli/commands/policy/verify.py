"""`hexgate policy verify`: a bundle and keys in, whether it is whole, signed by one of them and meant for this place out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from hexgate.cli.commands.policy.bundles import facts_of
from hexgate.cli.loading import new_app
from hexgate.cli.output import Output, visible
from hexgate.cli.progress import Progress
from hexgate.core.bundle import Bundle, read_bundle, read_public_key
from hexgate.core.bundle.certificate import Certificate
from hexgate.core.bundle.certify import repeat

__all__ = ["app"]

Keys = Annotated[
    list[Path] | None,
    typer.Option(
        "--key",
        metavar="FILE",
        envvar="HEXGATE_BUNDLE_PUBKEY_PATH",
        help="A public key that is trusted; may be repeated.",
    ),
]
Required = Annotated[
    bool,
    typer.Option(
        "--require-signature",
        envvar="HEXGATE_BUNDLE_REQUIRE_SIGNATURE",
        help="Refuse a bundle without a signature that can be verified.",
    ),
]
app = new_app()
HELP = """\
Say whether a bundle is whole, by whom it is signed, and whether its parts are made of its policy and answer as it does.

\b
Examples:
  hexgate policy verify policy.bundle --key hexgate.public
  hexgate policy verify policy.bundle --key old.public --key new.public --require-signature
  hexgate policy verify policy.bundle --agent support-bot --revision 7

The calls of the certificate are asked again. Without a key a signature is not verified, and the bundle loads with a warning.
Exit codes: 0 yes, 1 no, 2 usage, or a directory or a key that cannot be read.
"""


@app.command(help=HELP)
def verify(  # noqa: PLR0913, PLR0917 -- the options of a command are its parameters
    path: Annotated[Path, typer.Argument(metavar="DIR", help="The directory of the bundle.")],
    keys: Keys = None,
    require_signature: Required = False,
    agent: Annotated[str | None, typer.Option("--agent", metavar="NAME", help="Refuse one for another agent.")] = None,
    project: Annotated[
        str | None, typer.Option("--project", metavar="NAME", help="Refuse one for another project.")
    ] = None,
    revision: Annotated[int | None, typer.Option("--revision", metavar="N", help="Refuse an older one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")] = False,
) -> int:
    """A bundle in, yes or no out; what is wrong with it stops the command."""
    bundle = read_bundle(
        path,
        trusted=[read_public_key(key) for key in keys or ()],
        require_signature=require_signature,
        agent=agent,
        project=project,
        held_revision=revision,
    )
    output = Output(as_json=as_json)
    certificate = repeated(bundle, output)
    output.document(
        {
            "path": str(path),
            "digest": bundle.digest,
            "standing": bundle.standing,
            "program": bundle.program.digest,
            "manifest": bundle.manifest.as_dict(),
            "certificate": certificate and certificate.as_dict(),
            "warnings": [warning.as_dict() for warning in bundle.warnings],
        }
    )
    mark = output.paint("✓", "green", "bold")
    output.line(f"{mark} {visible(str(path))}: {bundle.standing} · {output.paint(bundle.digest, 'dim')}")
    for line in facts_of(bundle.manifest):
        output.line(f"  {line}")
    for warning in bundle.warnings:
        output.mistake(replace(warning, message=f"warning: {warning.message}"), severity="warning")
    return 0


def repeated(bundle: Bundle, output: Output) -> Certificate | None:
    """The certificate given anew; a call on which the engines differ stops the command."""
    if bundle.module is None or bundle.manifest.certificate is None:
        return None
    progress = Progress(output, "rules certified")
    certificate = repeat(bundle.manifest.certificate, bundle.program, bundle.module, progress=progress.reach)
    progress.end()
    return certificate
