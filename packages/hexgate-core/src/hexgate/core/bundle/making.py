"""A program in, the parts out that this Hexgate makes of it, and which of a bundle's parts are others.

# INVARIANT: what this Hexgate makes of a program is the same bytes every time, so a part that claims to be made by it and is other
bytes was changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version

from hexgate.core.bundle.manifest import Manifest
from hexgate.core.bundle.signing import Standing
from hexgate.core.errors import BundleError, Mistake
from hexgate.core.program import Program
from hexgate.core.rego import rego_text
from hexgate.core.text.render import visible
from hexgate.core.wasm.assemble import assemble

__all__ = ["CREATED_BY", "made_of", "trusted_parts"]

CREATED_BY = f"hexgate {version('hexgate-core')}"


def made_of(program: Program, *, with_module: bool) -> dict[str, bytes]:
    """The parts that are made of a program, by suffix."""
    rego = {".rego": rego_text(program).encode()}
    return {**rego, ".wasm": assemble(program)} if with_module else rego


def trusted_parts(
    given: Mapping[str, bytes], program: Program, *, manifest: Manifest, standing: Standing
) -> tuple[Mapping[str, bytes], tuple[Mistake, ...]]:
    """The parts to go by, and what is to be said about them.

    What another version made is other bytes, and cannot be made here to compare. Then a verified signature speaks for it. Without
    one it is left aside, and what this version makes of the policy takes its place.
    """
    made = made_of(program, with_module=".wasm" in given)
    other = [f"{manifest.stem}{suffix}" for suffix, data in made.items() if given[suffix] != data]
    if not other:
        return given, ()
    names = " and ".join(f"`{name}`" for name in other)
    if manifest.created_by == CREATED_BY:
        help = "build the bundle again: the YAML is what people review, and the other parts must be made of it"
        raise BundleError("HX715", f"{names} is not what `{manifest.source}` makes", help=help)
    if standing is Standing.VERIFIED:
        return given, ()
    message = f"{names}, made by `{visible(manifest.created_by)}`, is left aside: only a verified signature could speak for it"
    help = f"build the bundle again with `{CREATED_BY}`, or name the public key of whoever signed it"
    return made, (Mistake("HX715", message, help),)
