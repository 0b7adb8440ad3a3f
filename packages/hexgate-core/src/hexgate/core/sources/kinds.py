"""The names in a directory in, what kind of source it is out.

# INVARIANT: a directory with any part of a bundle in it is a bundle. One whose manifest or signature was taken away is a broken
bundle, never a directory of role files that nobody had to sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from hexgate.core.policy.policy import is_role_file

__all__ = ["Kind", "is_of_interest", "is_visible", "kind_of_directory"]

Kind = Literal["nothing", "stream", "file", "directory", "bundle"]
# What no directory of role files holds.
PARTS_OF_BUNDLES = (".bundle.json", ".bundle.json.sig", ".rego", ".wasm")


def is_visible(name: str) -> bool:
    """Whether a file of that name is more than what an editor left."""
    return name[0] != "."


def kind_of_directory(names: Iterable[str]) -> Kind:
    """`bundle` or `directory`."""
    return "bundle" if any(name.endswith(PARTS_OF_BUNDLES) for name in names) else "directory"


def is_of_interest(name: str) -> bool:
    """Whether a file of that name can be a role or a part of a bundle. A hidden file, as editors leave them, is neither."""
    return is_role_file(name) or (is_visible(name) and name.endswith(PARTS_OF_BUNDLES))
