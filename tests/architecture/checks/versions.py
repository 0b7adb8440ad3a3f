"""A tree in, every version and pin out that does not agree with the others: all wheels carry one version."""

import re
import tomllib
from pathlib import Path
from typing import Any

from tests.architecture.checks.source import wheel_folders

__all__ = ["find_disagreeing_versions", "find_open_ranges"]

REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*(.*?)\s*(?:;.*)?$")

VERSION = re.compile(r'^__version__\b.*= "(.*)"', re.MULTILINE)


def find_disagreeing_versions(tree: Path) -> list[str]:
    """uv ignores the pin of a workspace member, so nothing else would notice."""
    manifests = projects(tree)
    version = manifests.pop(".", {}).get("version", "")
    found = [
        f"{where}: version is {project['version']}, the workspace's is {version}"
        for where, project in manifests.items()
        if project["version"] != version
    ]
    for where, project in manifests.items():
        for name, wanted in requirements(project):
            if name.startswith("hexgate-") and wanted != f"=={version}":
                found.append(f"{where}: asks for {name}{wanted}, it must be {name}=={version}")
    for path in (path for folder in wheel_folders(tree) for path in sorted(folder.glob("src/hexgate/*/__init__.py"))):
        said = VERSION.search(path.read_text(encoding="utf-8"))
        if said and said.group(1) != version:
            found.append(f"{path.relative_to(tree)}: __version__ is {said.group(1)}, the workspace's is {version}")
    return found


def find_open_ranges(tree: Path) -> list[str]:
    """A dependency of others has a floor that was tried and a ceiling, or the next major release breaks our users."""
    return [
        f"{where}: {name}{wanted} has no floor or no ceiling"
        for where, project in projects(tree).items()
        for name, wanted in requirements(project)
        if not name.startswith("hexgate-") and not (">=" in wanted and "<" in wanted)
    ]


def projects(tree: Path) -> dict[str, dict[str, Any]]:
    manifests = [path / "pyproject.toml" for path in (tree, *wheel_folders(tree)) if (path / "pyproject.toml").exists()]
    read = {path.parent.relative_to(tree).as_posix(): tomllib.loads(path.read_text()) for path in manifests}
    return {where: manifest["project"] for where, manifest in read.items()}


def requirements(project: dict[str, Any]) -> list[tuple[str, str]]:
    groups = [project.get("dependencies", []), *project.get("optional-dependencies", {}).values()]
    matches = [REQUIREMENT.match(entry) for group in groups for entry in group]
    return [(match.group(1), match.group(2)) for match in matches if match]
