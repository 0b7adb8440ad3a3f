"""The text of a suite file in, its suites out, or every mistake that is in it at once.

The same strict reading as of policies: unknown keys, wrong types and repeated names are mistakes with a place and a code.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from os.path import lexists, normpath
from pathlib import Path

from hexgate.core.errors import Mistake, PolicyError, SuiteError
from hexgate.core.policy.fields import Fields, join
from hexgate.core.policy.nodes import LARGEST_DOCUMENT, Node, ScalarNode, from_text, read_source
from hexgate.core.testing.cases import CaseReader
from hexgate.core.testing.expectations import wanted_mistakes
from hexgate.core.testing.part import Part, unique
from hexgate.core.testing.suite import Case, Origin, Suite, SuiteFile

__all__ = ["find_suites", "looks_like_suites", "read_suites", "suites_from_text"]

SUFFIXES = (".yaml", ".yml")
SUITE_KEYS = ("name", "policy", "cases", "mistakes")
TOP_KEY = re.compile(r"""^\ufeff?(?:\{\s*)?["']?suites["']?[ \t]*:""", re.MULTILINE)


def looks_like_suites(text: str) -> bool:
    """Whether a text has `suites:` at its top level, so that it is meant to be a file of suites and not a policy."""
    return TOP_KEY.search(text) is not None


def find_suites(folder: Path) -> Iterator[Path]:
    """Every file of suites below a folder, in the order of their paths; other files are passed over."""
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if (
            path.suffix in SUFFIXES
            and not hidden
            and path.is_file()
            and looks_like_suites(bytes_of(path).decode(errors="replace"))
        ):
            yield path


def read_suites(path: str | Path) -> SuiteFile:
    """The suites of a file, or of standard input (`-`). All mistakes are raised at once."""
    if str(path) == "-":
        return read("<stdin>", sys.stdin.buffer.read(LARGEST_DOCUMENT + 1), Path())
    return read(str(path), bytes_of(Path(path)), Path(path).parent)


def suites_from_text(text: str, name: str = "<suites>", *, folder: Path | None = None) -> SuiteFile:
    """The suites of a text; policies that it names by path are looked for in the folder."""
    return read(name, text.encode(errors="surrogatepass"), folder or Path())


def bytes_of(path: Path) -> bytes:
    """What a file holds, or enough of it to see that it is too large, or the mistake that it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_DOCUMENT + 1)
    except (OSError, ValueError) as error:
        # A path with a NUL in it is a ValueError.
        why = getattr(error, "strerror", None) or str(error)
        help = "check the path and the permissions"
        raise SuiteError([Mistake("HX110", f"`{path}` cannot be read: {why}", help)]) from None


def read(name: str, data: bytes, folder: Path) -> SuiteFile:
    """The suites of a document."""
    try:
        node = from_text(read_source(name, data))
    except PolicyError as error:
        raise SuiteError(instead(mistake, name) for mistake in error.mistakes) from None
    reader = SuiteReader(folder)
    suites = reader.document(node)
    if reader.fields.mistakes:
        raise SuiteError(sorted(reader.fields.mistakes, key=in_order_of_the_text))
    return SuiteFile(name, suites)


def instead(mistake: Mistake, name: str) -> Mistake:
    """A mistake of reading YAML, in words that fit a file of suites."""
    return (
        Mistake("HX601", f"`{name}` holds no suites", "write a list below `suites:`")
        if mistake.code == "HX109"
        else mistake
    )


def in_order_of_the_text(mistake: Mistake) -> tuple[int, int]:
    """Where a mistake stands among the others of its file."""
    return (mistake.span.line, mistake.span.column) if mistake.span else (0, 0)


class SuiteReader:
    """Reads one document of suites."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.fields = Fields()
        self.cases = CaseReader(self.fields)

    def document(self, node: Node) -> tuple[Suite, ...]:
        """The whole document."""
        part = Part.read(self.fields, node, "", ("suites",), "the file")
        if part is None or not part.needs("suites", "HX601"):
            return ()
        read = [self.suite(item, path) for item, path in self.listed(part, "suites")]
        return unique(self.fields, [suite for suite in read if suite is not None], "suite", "suites")

    def suite(self, node: Node, path: str) -> Suite | None:
        """One suite, of cases or of mistakes."""
        part = Part.read(self.fields, node, path, SUITE_KEYS, "the suite")
        if part is None:
            return None
        name = part.name()
        origin = self.origin(part) if part.needs("policy") else None
        part.needs_one("cases", "mistakes")
        mistakes = wanted_mistakes(self.fields, *part.at("mistakes")) if "mistakes" in part else None
        return Suite(name, origin or Origin(), self.case_list(part), mistakes, part.span)

    def case_list(self, part: Part) -> tuple[Case, ...]:
        """The cases of a suite, each with a name of its own."""
        if "cases" not in part:
            return ()
        read = [self.cases.case(item, path) for item, path in self.listed(part, "cases")]
        return unique(self.fields, [case for case in read if case is not None], "case", join(part.path, "cases"))

    def listed(self, part: Part, key: str) -> list[tuple[Node, str]]:
        """The nodes of a list that must not be empty, and their paths."""
        node, path = part.at(key)
        nodes = self.fields.items(node, path)
        if nodes is not None and not nodes:
            self.fields.note(
                "HX601", f"{part.what} has no {key}", node, path, help=f"write at least one below `{key}:`"
            )
        return [(item, f"{path}[{position}]") for position, item in enumerate(nodes or [])]

    def origin(self, part: Part) -> Origin | None:
        """The policy of a suite: a path as a text, or a mapping with the text or the files themselves."""
        node, path = part.at("policy")
        if isinstance(node, ScalarNode):
            named = self.fields.text(node, path)
            return None if named is None else Origin(path=straightened(self.folder / named))
        inner = Part.read(self.fields, node, path, ("text", "files"), "`policy`")
        if inner is None:
            return None
        inner.needs_one("text", "files")
        return self.files(*inner.at("files")) if "files" in inner else Origin(text=inner.text("text") or "")

    def files(self, node: Node, path: str) -> Origin:
        """A directory of role files, written out."""
        found = self.fields.mapping(node, path) or {}
        read = [(name, self.fields.text(value, join(path, name))) for name, (_, value) in found.items()]
        return Origin(files=tuple((name, text) for name, text in read if text is not None))


def straightened(path: Path) -> Path:
    """The same place without steps up, if it is the same or nothing is at either: behind a symbolic link it may not be."""
    straight = Path(normpath(path))
    try:
        return straight if straight.samefile(path) else path
    except OSError:
        return path if lexists(path) or lexists(straight) else straight
