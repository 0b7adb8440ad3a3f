"""A tree of files in, its Python modules as syntax trees out; what every checker walks.

INVARIANT: a checker takes a tree and returns sentences; it knows nothing of the checkout it stands in, so that a small planted
tree goes through the very same function.
"""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

__all__ = ["Module", "files_of", "library_modules", "python_modules", "wheel_folders"]

OURS = "hexgate"
MADE = {"__pycache__", ".venv", ".venv-3.11", ".venv-3.12", ".venv-3.13", ".tools", ".mutants"}


@dataclass(frozen=True)
class Module:
    """One file of Python, with the name it is imported by (empty for what is not part of a wheel)."""

    path: Path
    where: str
    name: str

    @cached_property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.where)

    @property
    def is_test(self) -> bool:
        return "tests" in Path(self.where).parts


def files_of(tree: Path) -> list[Path]:
    """What is or would be committed: git's word in a checkout, every file in a planted tree."""
    if not (tree / ".git").exists():
        return sorted(path for path in tree.rglob("*") if path.is_file() and not MADE & set(path.parts))
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=tree, check=True, capture_output=True).stdout.decode().split("\0")
    return sorted({tree / name for name in listed if name and (tree / name).is_file()})


def python_modules(tree: Path) -> Iterator[Module]:
    """Every file of Python of ours: wheels, tests, examples, scripts."""
    for path in files_of(tree):
        if path.suffix in {".py", ".pyi"}:
            yield Module(path, path.relative_to(tree).as_posix(), dotted(path.relative_to(tree)))


def wheel_folders(tree: Path) -> list[Path]:
    """The folders that a wheel is made of."""
    return sorted(path for path in [*tree.glob("packages/*/"), tree / "platform"] if path.is_dir())


def library_modules(tree: Path) -> Iterator[Module]:
    """The modules that a wheel carries, stubs left out."""
    return (module for module in python_modules(tree) if module.name and module.path.suffix == ".py")


def dotted(path: Path) -> str:
    """`packages/hexgate-core/src/hexgate/core/text/source.py` is `hexgate.core.text.source`."""
    parts = path.with_suffix("").parts
    if "src" not in parts:
        return ""
    inner = parts[parts.index("src") + 1 :]
    return ".".join(inner[:-1] if inner[-1] == "__init__" else inner)
