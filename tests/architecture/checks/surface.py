"""A tree in, every public name out that `__all__` or the reference does not know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.checks.source import OURS, Module, library_modules

__all__ = ["find_names_missing_from_all", "find_names_missing_from_the_reference"]

FACE = Path("packages/hexgate-core/src/hexgate/core/__init__.py")
REFERENCE = Path("docs/reference/python.md")


def find_names_missing_from_all(tree: Path) -> list[str]:
    """Modules without `__all__`, names in it that are not there, and names that others import although it lacks them."""
    modules = {module.name: module for module in library_modules(tree)}
    public = {name: listed(module) for name, module in modules.items()}
    found = []
    for name, module in modules.items():
        names = public[name]
        if names is None and defines_something(module) and not name.endswith(".__main__"):
            found.append(f"{module.where}: has no `__all__`")
        if names is not None and not is_lazy(module):
            missing = sorted(set(names) - set(bound(module.tree)))
            found += [f"{module.where}: `__all__` lists `{missed}`, which is not there" for missed in missing]
        found += [f"{module.where}:{line}: {sentence}" for line, sentence in unlisted(module, modules, public)]
    return found


def find_names_missing_from_the_reference(tree: Path) -> list[str]:
    """Names of the face that the page for users does not show as code."""
    if not (tree / FACE).exists():
        return []
    page = tree / REFERENCE
    text = page.read_text(encoding="utf-8") if page.exists() else ""
    names = listed(Module(tree / FACE, FACE.as_posix(), "hexgate.core")) or []
    return [f"{REFERENCE}: does not mention `{name}`" for name in names if not re.search(rf"`[^`]*\b{name}\b", text)]


def unlisted(
    module: Module, modules: dict[str, Module], public: dict[str, list[str] | None]
) -> Iterator[tuple[int, str]]:
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.ImportFrom) or (node.module or "").split(".")[0] != OURS:
            continue
        source = node.module or ""
        for alias in node.names:
            if alias.name.startswith("__"):
                continue
            if f"{source}.{alias.name}" not in modules and alias.name not in (public.get(source) or []):
                yield node.lineno, f"takes `{alias.name}` from `{source}`, whose `__all__` does not list it"


def listed(module: Module) -> list[str] | None:
    """The names in `__all__`, written out as strings; None where there is none."""
    for node in module.tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        if any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets):
            assert isinstance(node, ast.Assign | ast.AnnAssign)
            if not isinstance(node.value, ast.List | ast.Tuple):
                return []
            return [str(item.value) for item in node.value.elts if isinstance(item, ast.Constant)]
    return None


def bound(tree: ast.AST) -> Iterator[str]:
    """Every name that the module binds at its top, in whatever branch."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        else:
            yield from bound(node)


def is_lazy(module: Module) -> bool:
    """A module with `__getattr__` answers for names that it does not bind."""
    return "__getattr__" in set(bound(module.tree))


def defines_something(module: Module) -> bool:
    return bool(set(bound(module.tree)))
