"""docs/changes/VERSION/KIND-words.md in, CHANGELOG.md out. Run it after writing a fragment; a test tells when it was forgotten.

INVARIANT: the changelog is nothing but its fragments, so two changes at once never touch the same line.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("added", "changed", "fixed", "removed", "security")


def changelog(root: Path) -> str:
    parts = ["# Changes\n"]
    for release in sorted((root / "docs/changes").iterdir(), key=number, reverse=True):
        parts.append(f"## {release.name}\n")
        for kind in KINDS:
            fragments = sorted(release.glob(f"{kind}-*.md"))
            if fragments:
                parts.append(f"### {kind.capitalize()}\n")
                parts.append("\n".join(f"- {indented(path.read_text(encoding='utf-8'))}" for path in fragments) + "\n")
    return "\n".join(parts)


def number(release: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in release.name.split("."))


def indented(text: str) -> str:
    return text.strip().replace("\n", "\n  ")


if __name__ == "__main__":
    (ROOT / "CHANGELOG.md").write_text(changelog(ROOT), encoding="utf-8")
