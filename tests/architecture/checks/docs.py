"""A tree in, every path, link and make target out that the documents name and that is not there."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.checks.source import files_of

__all__ = [
    "find_dead_commands",
    "find_dead_links",
    "find_dead_make_targets",
    "find_dead_paths",
    "find_test_commands_that_ci_does_not_run",
    "find_unverified_decisions",
]

MAKE_TARGET = re.compile(r"(?:^|[`\s(])make ([a-z][a-z-]*(?: [a-z][a-z-]*)*)")
CODE_SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")
OUR_PATH = re.compile(r"^(?:packages|docs|tests|\.ci|platform)/[\w./-]*[\w/-]$")
COMMAND = re.compile(r"\bhexgate ([a-z]+) ([a-z][a-z-]+)\b")
COMMANDS = Path("packages/hexgate-cli/src/hexgate/cli/commands")
# Written by `make`, or found only after it: a document may name them.
MADE = {"dist", ".venv", ".tools", "mutants"}


def find_dead_make_targets(tree: Path) -> list[str]:
    makefile = tree / "Makefile"
    targets = set(re.findall(r"^([a-z][a-z-]*):", makefile.read_text(), re.MULTILINE)) if makefile.exists() else set()
    return [
        f"{where}:{line}: `make {target}` does not exist"
        for where, line, code in code_of(tree)
        for match in MAKE_TARGET.finditer(code)
        for target in match.group(1).split()
        if target not in targets
    ]


def find_dead_paths(tree: Path) -> list[str]:
    """Paths from the root of the checkout that stand as code in a document."""
    return [
        f"{where}:{line}: `{word}` does not exist"
        for where, line, code in code_of(tree)
        for word in code.split()
        if OUR_PATH.match(word) and word.split("/")[0] not in MADE and not (tree / word).exists()
    ]


def find_dead_links(tree: Path) -> list[str]:
    return [
        f"{page.relative_to(tree)}:{number}: the link to {match.group(1)} leads nowhere"
        for page in pages(tree)
        for number, text in enumerate(page.read_text(encoding="utf-8").splitlines(), 1)
        for match in LINK.finditer(CODE_SPAN.sub("", text))
        if not (page.parent / match.group(1)).exists()
    ]


def find_dead_commands(tree: Path) -> list[str]:
    """`hexgate NOUN VERB` where no module for the noun stands, or the module does not know the verb."""
    return [
        f"{where}:{line}: `{match.group()}` is no command"
        for where, line, code in code_of(tree)
        for match in COMMAND.finditer(code)
        if not re.search(rf"[\"']{match.group(2)}[\"']|def {match.group(2)}\b", source_of(tree, match.group(1)))
    ]


def find_test_commands_that_ci_does_not_run(tree: Path) -> list[str]:
    """What the README tells a newcomer to type, `.ci/run` types as well, word for word."""
    typed = {line.split("|")[0].strip() for line in (tree / ".ci/run").read_text(encoding="utf-8").splitlines()}
    said = [
        line.split("#")[0].strip() for where, _, line in code_of(tree) if where == "README.md" and "make test" in line
    ]
    return [f"README.md: .ci/run does not run `{line}`" for line in said if line not in typed] or (
        [] if said else ["README.md: does not say how to run the tests"]
    )


def find_unverified_decisions(tree: Path) -> list[str]:
    """Decisions that do not end with a command that verifies them."""
    records = sorted((tree / "docs/decisions").glob("*.md"))
    ending = re.compile(r"```\n[^`]+\n```\s*\Z")
    return [
        f"{path.relative_to(tree)}: ends with no command" for path in records if not ending.search(path.read_text())
    ]


def source_of(tree: Path, noun: str) -> str:
    modules = [tree / COMMANDS / f"{noun}.py", *sorted((tree / COMMANDS / noun).glob("*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in modules if path.exists())


def code_of(tree: Path) -> Iterator[tuple[str, int, str]]:
    """Every code span, and every line of a code block, of every document."""
    for page in pages(tree):
        where, fenced = page.relative_to(tree).as_posix(), False
        for number, text in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
            if text.lstrip().startswith("```"):
                fenced = not fenced
            elif fenced:
                yield where, number, text
            else:
                yield from ((where, number, code) for code in CODE_SPAN.findall(text))


def pages(tree: Path) -> list[Path]:
    return [path for path in files_of(tree) if path.suffix == ".md"]
