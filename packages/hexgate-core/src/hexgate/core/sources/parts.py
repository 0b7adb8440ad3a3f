"""The name of a part in, the part out, loaded when it is first needed: who decides natively by a file waits for no WebAssembly.

Beside the face this is the only place of core that loads a module by its name. A contract does not see these imports, so a test of
the architecture does: every row leads to a public name, and none of them upwards.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["PARTS", "part"]

PARTS = {
    "call": ("hexgate.core.wasm.fast", "CALL"),
    "assemble": ("hexgate.core.wasm.assemble", "assemble"),
    "in_thread": ("hexgate.core.sources.background", "in_thread"),
    "plain_call": ("hexgate.core.wasm.plain", "PlainCall"),
    "read_bundle": ("hexgate.core.bundle", "read_bundle"),
    "read_parts": ("hexgate.core.bundle.files", "read_parts"),
    "read_public_key": ("hexgate.core.bundle", "read_public_key"),
    "read_signing_key": ("hexgate.core.bundle", "read_signing_key"),
    "runtime": ("hexgate.core.wasm.link", "runtime"),
    "wasm": ("hexgate.core.wasm.engine", "WasmEngine"),
}


def part(name: str) -> Any:
    """The part of that name."""
    module, attribute = PARTS[name]
    return getattr(import_module(module), attribute)
