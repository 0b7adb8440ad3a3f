"""A tree in, every disagreement out between the three that say what core's face shows: `__all__`, the table and the stub."""

import ast
from pathlib import Path

from tests.architecture.checks.source import Module, library_modules
from tests.architecture.checks.surface import FACE, listed

__all__ = ["find_faces_that_disagree"]

Rows = dict[str, tuple[str, str]]


def find_faces_that_disagree(tree: Path) -> list[str]:
    """Also rows that lead to a module which is not there, or whose own `__all__` does not list the name."""
    face = Module(tree / FACE, FACE.as_posix(), "hexgate.core")
    stub = Module(tree / FACE.with_suffix(".pyi"), f"{FACE.as_posix()}i", "hexgate.core")
    table, typed = table_of(face), imports_of(stub)
    public = {module.name: listed(module) or [] for module in library_modules(tree)}
    said = {"`__all__`": listed(face), "the table": table, "the stub": typed, "the stub's `__all__`": listed(stub)}
    every = {name for names in said.values() for name in names or []}
    return [
        *[
            f"{FACE}: {where} lacks `{name}`"
            for where, names in said.items()
            for name in sorted(every - set(names or []))
        ],
        *[f"{FACE}: the table and the stub differ on `{name}`" for name in table if typed.get(name) != table[name]],
        *[
            f"{FACE}: `{name}` is not public at `{source}.{attribute}`"
            for name, (source, attribute) in table.items()
            if attribute not in public.get(source, [])
        ],
    ]


def table_of(face: Module) -> Rows:
    """The one dictionary in which a name leads to a pair of strings, module and attribute."""
    for node in face.tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Dict):
            return dict(ast.literal_eval(value))
    return {}


def imports_of(stub: Module) -> Rows:
    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in stub.tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
