"""A tree in, everything out that stands where the house has no place for it, or names what must not be named."""

import re
import subprocess
import zipfile
from pathlib import Path

from tests.architecture.checks.source import files_of, wheel_folders

__all__ = [
    "find_index_hosts",
    "find_missing_type_markers",
    "find_namespace_owners",
    "find_private_modules",
    "find_strangers_at_the_top",
    "find_wheels_that_own_the_namespace",
]

TOP_LEVEL = {
    *("README.md", "LICENSE", "CONTRIBUTING.md", "CHANGELOG.md", "Makefile", "pyproject.toml"),
    *("requirements.lock", "uv.lock", "packages", "platform", "docs", "tests"),
}
# In halves, so that this file names none of them either.
INDEX_HOSTS = [
    "".join(halves)
    for halves in [
        *[("py", "pi.org"), ("python", "hosted.org"), ("npm", "js.org"), ("npm", "js.com"), ("yarn", "pkg.com")],
        *[("npm", "mirror.com"), ("crates", ".io"), ("proxy.", "golang.org"), ("ghcr", ".io"), ("quay", ".io")],
        *[("docker", ".io"), ("docker", ".com"), ("ana", "conda.org")],
    ]
]
INDEX_OPTION = re.compile(
    r"(index-url|default-index|find-links|index|registry|resolved)\W{1,8}https?://", re.IGNORECASE
)
LOCKS = re.compile(r"(\.lock|lock\.json|lock\.yaml|\.npmrc|pip\.conf|uv\.toml)$")


def find_strangers_at_the_top(tree: Path) -> list[str]:
    tops = {path.relative_to(tree).parts[0] for path in files_of(tree)}
    return [f"{top}: the top level has no place for it" for top in sorted(tops - TOP_LEVEL) if not top.startswith(".")]


def find_namespace_owners(tree: Path) -> list[str]:
    """`hexgate` is shared by all wheels, so none of them may own it."""
    owners = [*tree.glob("*/*/src/hexgate/__init__.py*"), *tree.glob("*/src/hexgate/__init__.py*")]
    return [f"{path.relative_to(tree)}: the namespace `hexgate` belongs to no wheel" for path in sorted(owners)]


def find_wheels_that_own_the_namespace(wheels: Path) -> list[str]:
    """What `find_namespace_owners` forbids in the source, asked of the built wheels in a folder."""
    found = []
    for wheel in sorted(wheels.glob("*.whl")):
        names = zipfile.ZipFile(wheel).namelist()
        found += [f"{wheel.name}: holds {name}" for name in names if name.startswith("hexgate/__init__.")]
        strange = {name.split("/")[0] for name in names} - {"hexgate"}
        found += [f"{wheel.name}: holds {name}" for name in sorted(strange) if not name.endswith(".dist-info")]
    return found


def find_private_modules(tree: Path) -> list[str]:
    """A module is never private by its name: `__all__` says what is public."""
    modules = [path.relative_to(tree) for path in files_of(tree) if path.suffix == ".py" and "src" in path.parts]
    return [f"{path}: a module has no leading underscore" for path in modules if re.match(r"_(?!_)", path.name)]


def find_missing_type_markers(tree: Path) -> list[str]:
    packages = [path for folder in wheel_folders(tree) for path in sorted(folder.glob("src/hexgate/*/"))]
    return [f"{path.relative_to(tree)}: has no py.typed" for path in packages if not (path / "py.typed").exists()]


def find_index_hosts(tree: Path) -> list[str]:
    """Names of package indexes and registries: a checkout must work behind any mirror."""
    found = []
    for path in files_of(tree):
        where = path.relative_to(tree)
        if path.name == "uv.lock" and is_ignored(tree, path):
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{where}: names the index host {host}" for host in INDEX_HOSTS if host in text.lower()]
        found += [f"{where}: sets an index: {match.group()}" for match in INDEX_OPTION.finditer(text)]
        if LOCKS.search(path.name) and "://" in text:
            found.append(f"{where}: a lock holds no addresses")
    return found


def is_ignored(tree: Path, path: Path) -> bool:
    command = ["git", "check-ignore", "--quiet", str(path)]
    return (tree / ".git").exists() and subprocess.run(command, cwd=tree, check=False).returncode == 0
