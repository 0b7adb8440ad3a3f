"""`hexgate policy build`: a policy in, a directory out with the policy, its Rego, its module, a manifest and a signature."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hexgate.cli.commands.policy.bundles import facts_of
from hexgate.cli.loading import new_app
from hexgate.cli.output import Output, visible
from hexgate.cli.progress import Progress
from hexgate.core.bundle import Labels, read_policy_text, read_signing_key
from hexgate.core.bundle.build import build_bundle

__all__ = ["app"]

app = new_app()
HELP = """\
Build a bundle: a directory with the policy, its Rego, its WebAssembly module, a manifest, and a signature.

\b
Examples:
  hexgate policy build policy.yaml
  hexgate policy build policies/ --out dist/support --sign-key hexgate.private
  hexgate policy build policy.yaml --agent support-bot --project shop --revision 7 --sign-key hexgate.private

The native engine and the module answer the same calls first, which cover every rule; one difference stops the build. The bundle is
written whole or not at all, and takes the place of the one that is there. The same policy, labels and key give the
same bytes. Exit codes: 0 built, 1 mistakes, 2 usage, or a directory that cannot be written.
"""


@app.command(help=HELP)
def build(  # noqa: PLR0913, PLR0917 -- the options of a command are its parameters
    policy: Annotated[Path, typer.Argument(metavar="PATH", help="A file, a directory of role files, or `-`.")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The bundle's own directory (default: NAME.bundle).")
    ] = None,
    no_wasm: Annotated[bool, typer.Option("--no-wasm", help="Without a module: the bundle decides natively.")] = False,
    sign_key: Annotated[
        Path | None,
        typer.Option(
            "--sign-key", metavar="FILE", envvar="HEXGATE_BUNDLE_SIGN_KEY_PATH", help="The private key that signs it."
        ),
    ] = None,
    agent: Annotated[str | None, typer.Option("--agent", metavar="NAME", help="The one agent that it is for.")] = None,
    project: Annotated[
        str | None, typer.Option("--project", metavar="NAME", help="The one project that it is for.")
    ] = None,
    revision: Annotated[
        int | None, typer.Option("--revision", metavar="N", help="Its number: a lower one is refused later.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")] = False,
) -> int:
    """A policy in, a bundle out."""
    key = None if sign_key is None else read_signing_key(sign_key)
    labels = Labels(agent, project, revision)
    text = read_policy_text(policy)
    output = Output(as_json=as_json)
    progress = Progress(output, "rules certified")
    built = build_bundle(text, labels=labels, key=key, with_module=not no_wasm, progress=progress.reach)
    progress.end()
    folder = Path(f"{text.stem}.bundle") if out is None else out
    built.write(folder)
    sizes = {name: len(data) for name, data in sorted(built.files.items())}
    output.document(
        {"path": str(folder), "digest": built.manifest.digest, "files": sizes, "manifest": built.manifest.as_dict()}
    )
    output.line(
        f"{output.paint('✓', 'green', 'bold')} {visible(str(folder))} · {output.paint(built.manifest.digest, 'dim')}"
    )
    for line in facts_of(built.manifest):
        output.line(f"  {line}")
    return 0
