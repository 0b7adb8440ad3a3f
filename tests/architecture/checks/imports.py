"""A tree in, every import out that goes round the storeys: hidden, through the face, into a private name, against a contract."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.checks.source import OURS, library_modules, python_modules, wheel_folders

__all__ = [
    "find_broken_contracts",
    "find_dynamic_imports",
    "find_foreign_imports",
    "find_hidden_imports",
    "find_imports_of_the_face",
    "find_private_reaches",
]

FACE = "hexgate.core"
# docs/decisions/0003 says why these, and why no more.
NEEDED_BY_CORE = {"biscuit_auth", "cryptography", "orjson", "re2", "wasmtime", "yaml"}
# What one module needs, which nothing else of core imports: an extra of the wheel brings it, or only few programs load it.
NEEDED_BY_ONE = {"hexgate.core.audit.otel": {"opentelemetry"}, "hexgate.core.adapters.manifest": {"pydantic"}}
# docs/decisions/0005: the face, so that a storey waits for no other; the command line, so that a command does not; and the parts
# that only some programs need. tests/architecture/checks/face.py and parts.py look where the tables lead.
LOADERS = {FACE, "hexgate.cli.loading", "hexgate.core.sources.parts"}
# The public methods of a named tuple, which wear an underscore only to leave the plain names to its fields.
OF_NAMED_TUPLES = {"_asdict", "_field_defaults", "_fields", "_make", "_replace"}
# docs/decisions/0007: the one file that takes private names of a package, and which; it works without them as well.
MAY_REACH = {"packages/hexgate-core/src/hexgate/core/wasm/fast.py": {"wasmtime._ffi"}}
LINT_IMPORTS = Path(sys.executable).parent / "lint-imports"


def find_hidden_imports(tree: Path) -> list[str]:
    """First-party imports that do not stand at the top of their module, where the layers contract and people look."""
    return [
        f"{module.where}:{node.lineno}: imports `{name}` {hiding}"
        for module in library_modules(tree)
        for node, hiding in hidden(module.tree)
        for name in names_of(node)
        if name.split(".")[0] == OURS
    ]


def find_imports_of_the_face(tree: Path) -> list[str]:
    """Modules of core that take a name from core's face instead of the storey where it stands: a way around the layers."""
    found = []
    for module in library_modules(tree):
        if not module.name.startswith(f"{FACE}."):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module == FACE:
                taken = [alias.name for alias in node.names if not is_module(tree, f"{FACE}.{alias.name}")]
                found += [f"{module.where}:{node.lineno}: takes `{name}` from the face" for name in taken]
            elif isinstance(node, ast.Import) and any(alias.name == FACE for alias in node.names):
                found.append(f"{module.where}:{node.lineno}: imports the face `{FACE}`")
    return found


def find_dynamic_imports(tree: Path) -> list[str]:
    """Modules that are loaded by a name in a string, which no contract sees. Three places do it, each from a table."""
    return [
        f"{module.where}:{node.lineno}: loads a module by its name, which only {', '.join(sorted(LOADERS))} may"
        for module in library_modules(tree)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and module.name not in LOADERS
        if ast.unparse(node.func).split(".")[-1] in {"import_module", "__import__", "exec_module", "run_module"}
    ]


def find_foreign_imports(tree: Path) -> list[str]:
    """What core imports beside itself, the standard library, its dependencies and, in one module, that of an extra."""
    known = {OURS, *NEEDED_BY_CORE, *sys.stdlib_module_names}
    return [
        f"{module.where}:{node.lineno}: core does not know `{name}`"
        for module in library_modules(tree)
        if module.name.startswith(FACE)
        for node in imports_below(module.tree)
        for name in names_of(node)
        if name.split(".")[0] not in known | NEEDED_BY_ONE.get(module.name, set())
    ]


def find_private_reaches(tree: Path) -> list[str]:
    """Names with a leading underscore that are taken out of another module, ours or theirs; and exemptions without a need."""
    found = []
    for module in python_modules(tree):
        exempt, reaches = MAY_REACH.get(module.where, set()), list(private_reaches(module.tree))
        found += [
            f"{module.where}:{line}: reaches for the private name `{name}`"
            for line, name in reaches
            if name not in exempt
        ]
        idle = sorted(exempt - {name for _, name in reaches})
        found += [f"{module.where}: needs no exemption for `{name}` any more" for name in idle]
    return found


def find_broken_contracts(tree: Path) -> list[str]:
    """What import-linter says of the contracts in the tree's pyproject.toml."""
    sources = [str(folder / "src") for folder in wheel_folders(tree)]
    command = [str(LINT_IMPORTS), "--config", str(tree / "pyproject.toml"), "--no-cache", "--no-logo"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sources), "COLUMNS": "400", "NO_COLOR": "1"}
    run = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    if run.returncode == 0:
        return []
    said = [line.strip() for line in run.stdout.splitlines() if line.strip()]
    broken = [line for line in said if line.endswith("BROKEN") or " -> " in line]
    return broken or ["\n".join([*said, run.stderr])]


def hidden(tree: ast.Module) -> Iterator[tuple[ast.Import | ast.ImportFrom, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from ((inner, f"inside `{node.name}`") for inner in imports_below(node))
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from ((inner, "under TYPE_CHECKING") for inner in imports_below(node))


def imports_below(node: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
    return (inner for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom))


def names_of(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    # A relative import is always of our own.
    return [OURS if node.level else node.module or ""]


def private_reaches(tree: ast.Module) -> Iterator[tuple[int, str]]:
    imported: set[str] = set()
    for node in imports_below(tree):
        source = f"{node.module or ''}." if isinstance(node, ast.ImportFrom) else ""
        for alias in node.names:
            imported.add(alias.asname or alias.name.split(".")[0])
            if any(is_private(part) for part in f"{source}{alias.name}".split(".")):
                yield node.lineno, f"{source}{alias.name}"
    for inner in ast.walk(tree):
        if isinstance(inner, ast.Attribute) and is_private(inner.attr) and root_of(inner) in imported:
            yield inner.lineno, ast.unparse(inner)


def root_of(node: ast.Attribute) -> str:
    """`re2` of `re2._re2.f`; empty when the chain does not start at a plain name."""
    value = node.value
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


def is_private(name: str) -> bool:
    is_special = name.startswith("__") and name.endswith("__")
    return name.startswith("_") and not is_special and name not in OF_NAMED_TUPLES


def is_module(tree: Path, name: str) -> bool:
    return any(module.name == name for module in library_modules(tree))
