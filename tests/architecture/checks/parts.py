"""A tree in, every row out of the table of late parts that leads nowhere, upwards, or out of core.

Import-linter sees no name in a string. What it would say of these imports is said here.
"""

import tomllib
from pathlib import Path

from tests.architecture.checks.face import table_of
from tests.architecture.checks.source import Module, library_modules
from tests.architecture.checks.surface import listed

__all__ = ["find_parts_that_lead_astray"]

PARTS = Path("packages/hexgate-core/src/hexgate/core/sources/parts.py")
CORE = "hexgate.core."
HERE = "sources"


def find_parts_that_lead_astray(tree: Path) -> list[str]:
    """Rows whose module is not below the storey of the table, or beside it in that storey, or whose name is not public there."""
    if not (tree / PARTS).exists():
        return []
    table = table_of(Module(tree / PARTS, PARTS.as_posix(), f"{CORE}sources.parts"))
    public = {module.name: listed(module) or [] for module in library_modules(tree)}
    order = storeys(tree)
    allowed = order[order.index(HERE) :]
    return [
        *([] if table else [f"{PARTS}: has no table of parts"]),
        *[
            f"{PARTS}: `{name}` leads to `{module}`, which is not below `{HERE}`"
            for name, (module, _) in table.items()
            if not module.startswith(CORE) or module.removeprefix(CORE).split(".")[0] not in allowed
        ],
        *[
            f"{PARTS}: `{name}` is not public at `{module}.{attribute}`"
            for name, (module, attribute) in table.items()
            if attribute not in public.get(module, [])
        ],
    ]


def storeys(tree: Path) -> list[str]:
    """The storeys of core from the top, as the contract lists them."""
    contracts = tomllib.loads((tree / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["id"] == "storeys")
    return [storey for layer in layers for storey in layer.split(" | ")]
