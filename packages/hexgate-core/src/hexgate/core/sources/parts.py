"""The name of a part in, the part out, loaded when it is first needed: who decides natively by a file waits for no WebAssembly.

Beside the face this is the only place of core that loads a module by its name. A contract does not see these imports, so a test of
the architecture does: every row leads to a public name, and none of them upwards.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__all__ = ["PARTS", "part"]

PARTS = {
    "in_thread": ("hexgate.core.sources.background", "in_thread"),
}


def part(name: str) -> Any:
    """The part of that name."""
    module, attribute = PARTS[name]
    return getattr(import_module(module), attribute)
