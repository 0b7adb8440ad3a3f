"""CHANGELOG.md says what the fragments say, and the version that is being built has some."""

import re
import runpy
import tomllib
from pathlib import Path

import pytest

from tests.architecture.planting import CHECKOUT

CHANGELOG = runpy.run_path(str(CHECKOUT / ".ci/changelog.py"))


def find_stale_changelog(tree: Path) -> list[str]:
    version = tomllib.loads((tree / "pyproject.toml").read_text())["project"]["version"]
    fragments = sorted((tree / "docs/changes").glob("*/*"))
    kinds = "|".join(CHANGELOG["KINDS"])
    found = [
        f"{path.relative_to(tree)}: a fragment is named KIND-words.md, KIND being one of {kinds}"
        for path in fragments
        if not re.fullmatch(rf"({kinds})-[a-z0-9-]+\.md", path.name)
    ]
    if not any(path.parent.name == version for path in fragments):
        found.append(f"docs/changes/{version}: this version has no fragment")
    if (tree / "CHANGELOG.md").read_text(encoding="utf-8") != CHANGELOG["changelog"](tree):
        found.append("CHANGELOG.md: run `.venv/bin/python .ci/changelog.py`")
    return found


def test_the_changelog_is_made_from_its_fragments() -> None:
    assert find_stale_changelog(CHECKOUT) == []


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("docs/changes/0.1.0/added-more.md", "CHANGELOG.md: run"),
        ("docs/changes/0.1.0/news.md", "news.md: a fragment is named"),
    ],
)
def test_a_planted_fault_is_caught(fragment: str, said: str, tmp_path: Path) -> None:
    tree = sound(tmp_path)
    (tree / fragment).write_text("Something.\n")

    assert any(said in sentence for sentence in find_stale_changelog(tree))


def test_a_version_without_a_fragment_is_caught(tmp_path: Path) -> None:
    tree = sound(tmp_path)
    (tree / "pyproject.toml").write_text('[project]\nversion = "0.2.0"\n')

    assert find_stale_changelog(tree) == ["docs/changes/0.2.0: this version has no fragment"]


def sound(tree: Path) -> Path:
    (tree / "docs/changes/0.1.0").mkdir(parents=True)
    (tree / "docs/changes/0.1.0/added-one.md").write_text("One.\n")
    (tree / "pyproject.toml").write_text('[project]\nversion = "0.1.0"\n')
    (tree / "CHANGELOG.md").write_text("# Changes\n\n## 0.1.0\n\n### Added\n\n- One.\n")
    return tree
