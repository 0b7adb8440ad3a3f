"""`hexgate policy inspect`: a bundle or a module in, what is in it out; nothing is trusted, nothing refused for what it says."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from hexgate.cli.commands.policy.bundles import facts_of
from hexgate.cli.inputs import bytes_of
from hexgate.cli.loading import new_app
from hexgate.cli.output import Output, visible
from hexgate.core.bundle import Manifest
from hexgate.core.bundle.files import LARGEST, Parts, read_parts
from hexgate.core.bundle.stamp import ModuleFacts, module_facts
from hexgate.core.errors import BundleError

__all__ = ["app"]

COLOURS = {"whole": "green", "left out": "dim"}
app = new_app()
HELP = """\
Show what is in a bundle, or in one module.

\b
Examples:
  hexgate policy inspect policy.bundle
  hexgate policy inspect policy.bundle/policy.wasm

It shows what the files say of themselves and verifies no signature: that is what `hexgate policy verify` does.
Exit codes: 0 shown, 1 a manifest that is none, 2 usage, or a path that cannot be read.
"""


@app.command(help=HELP)
def inspect(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The directory of a bundle, or a .wasm file.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of text.")] = False,
) -> int:
    """A bundle or a module in, what is in it out."""
    output = Output(as_json=as_json)
    if path.name.endswith(".wasm"):
        show_module(output, path, bytes_of(str(path), "PATH", LARGEST[".wasm"]))
    else:
        show_bundle(output, path, read_parts(path))
    return 0


def show_bundle(output: Output, path: Path, parts: Parts) -> None:
    """What a manifest says, and each part."""
    manifest = Manifest.from_bytes(parts.needed(".bundle.json"), parts.name(".bundle.json"))
    found = [part_data(parts, manifest, suffix) for suffix in LARGEST]
    module = facts_or_none(parts.data.get(".wasm"))
    output.document(
        {
            "path": str(path),
            "digest": manifest.digest,
            "parts": found,
            "manifest": manifest.as_dict(),
            "module": module and facts_data(module),
        }
    )
    output.line(f"{visible(str(path))} · {output.paint(manifest.digest, 'dim')}")
    for line in facts_of(manifest):
        output.line(f"  {line}")
    width = max(len(part["name"]) for part in found)
    for part in found:
        size = "" if part["bytes"] is None else f"{part['bytes']:,} bytes"
        state = output.paint(part["state"], COLOURS.get(part["state"], "red"))
        output.line(f"  {part['name']:<{width}} {size:>16}  {state}")
    if module is not None:
        show_stamp(output, module)


def facts_or_none(data: bytes | None) -> ModuleFacts | None:
    """What a module says of itself; a part that is broken says nothing, and is shown as changed."""
    try:
        return None if data is None else module_facts(data)
    except BundleError:
        return None


def part_data(parts: Parts, manifest: Manifest, suffix: str) -> dict[str, Any]:
    """One part, and whether it is the one that the manifest names."""
    data = parts.data.get(suffix)
    digest = None if data is None else sha256(data).hexdigest()
    wanted = {**manifest.hashes, ".bundle.json": digest, ".bundle.json.sig": manifest.key_id and (digest or "")}[suffix]
    if data is None:
        state = "left out" if wanted is None else "missing"
    else:
        state = "added" if wanted is None else ("whole" if wanted == digest else "changed")
    return {"name": parts.name(suffix), "bytes": None if data is None else len(data), "sha256": digest, "state": state}


def show_module(output: Output, path: Path, data: bytes) -> None:
    """What a module says of itself."""
    module = module_facts(data)
    digest = f"sha256:{sha256(data).hexdigest()}"
    output.document({"path": str(path), "digest": digest, "bytes": len(data), **facts_data(module)})
    output.line(f"{visible(str(path))} · {len(data):,} bytes · {output.paint(digest, 'dim')}")
    show_stamp(output, module)
    for name, size in module.sections:
        output.line(f"  section {name:<10} {size:>12,} bytes")


def show_stamp(output: Output, module: ModuleFacts) -> None:
    """The stamp, a fact a line; nothing of it was verified."""
    if module.stamp is None:
        output.line("  the module has no stamp: Hexgate did not make it")
    for name, value in sorted((module.stamp or {}).items()):
        output.line(f"  module {visible(str(name))}: {visible(str(value))}")


def facts_data(module: ModuleFacts) -> dict[str, Any]:
    """A module as JSON knows it."""
    return {"stamp": module.stamp, "sections": [{"name": name, "bytes": size} for name, size in module.sections]}
