"""A policy's text, files or data in, a `Policy` out: read, with inheritance and constants checked, or refused with every mistake.

# INVARIANT: a `Policy` made here can be compiled: there is no mistake left to find in it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from errno import EINVAL
from pathlib import Path
from typing import Any, BinaryIO, Self

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.policy.constants import constant_mistakes
from hexgate.core.policy.document import Document
from hexgate.core.policy.fields import shown
from hexgate.core.policy.nodes import LARGEST_DOCUMENT, Node, from_data, from_text, read_source
from hexgate.core.policy.reader import read_document, read_roles
from hexgate.core.policy.roles import flatten, inheritance_mistakes
from hexgate.core.policy.writer import dump, to_yaml
from hexgate.core.text import Source

__all__ = ["Policy"]

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Policy(Document):
    """A set of named roles that has been read and checked.

    >>> policy = Policy.from_text("tools: {refund_order: {mode: allow, constraints: [args.amount <= 100]}}")
    """

    @classmethod
    def from_text(cls, text: str, name: str = "<policy>") -> Self:
        """The policy of one YAML text: a flat file, or one with inline roles."""
        return cls.checked(*read_document(from_text(Source(name, text))))

    @classmethod
    def from_files(cls, files: Mapping[str, str]) -> Self:
        """The policy of several YAML texts by file name: each is the body of the role that the file is named after."""
        sources = [Source(name, text) for name, text in sorted(files.items()) if name.endswith(SUFFIXES)]
        return cls.from_sources(sources, "<files>")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The policy of a file, of a directory of role files, or of standard input (`-`)."""
        if str(path) == "-":
            return cls.checked(*read_document(from_text(read_source("<stdin>", bounded(sys.stdin.buffer)))))
        path = Path(path)
        try:
            if path.is_dir():
                found = sorted(file for file in path.iterdir() if file.suffix in SUFFIXES and file.name[0] != ".")
                return cls.from_sources([read_file(file) for file in found], str(path))
            return cls.checked(*read_document(from_text(read_file(path))))
        except OSError as error:
            why = error.strerror or str(error)
            help = "check the path and the permissions; a policy's text goes to `Policy.from_text`"
            raise PolicyError([Mistake("HX110", f"`{shown(str(path))}` cannot be read: {why}", help)]) from None

    @classmethod
    def model_validate(cls, data: Mapping[str, Any]) -> Self:
        """The policy of plain data in the same form as the YAML, such as `model_dump` gives."""
        return cls.checked(*read_document(from_data(data)))

    def model_dump(self) -> dict[str, Any]:
        """The policy as plain data that JSON knows; `model_validate` takes it."""
        return dump(self)

    def to_yaml(self) -> str:
        """The policy as YAML that reads back equal. Comments of the original are not in it."""
        return to_yaml(self)

    @classmethod
    def from_sources(cls, sources: Sequence[Source], directory: str) -> Self:
        """The policy of a directory, whose every file is a role."""
        if not sources:
            help = "write one file a role, such as `default.yaml`"
            raise PolicyError([Mistake("HX111", f"`{directory}` holds no .yaml or .yml file", help)])
        bodies: dict[str, Node] = {}
        mistakes: list[Mistake] = []
        for source in sources:
            stem = Path(source.name).stem
            try:
                node = from_text(source)
            except PolicyError as error:
                mistakes.extend(error.mistakes)
                continue
            if stem in bodies:
                help = "delete one of the two files"
                mistakes.append(Mistake("HX211", f"the role `{stem}` has two files", help, node.span, stem))
            bodies[stem] = node
        document, more = read_roles(list(bodies.items()))
        return cls.checked(document, [*mistakes, *more])

    @classmethod
    def checked(cls, document: Document, mistakes: list[Mistake]) -> Self:
        """The policy of a document, if nothing is wrong with it."""
        mistakes = [*mistakes, *inheritance_mistakes(document)]
        if not mistakes:
            mistakes = constant_mistakes(flatten(document).values())
        if mistakes:
            raise PolicyError(sorted(mistakes, key=in_order_of_the_text))
        return cls(document.roles, document.consts, document.monitor, document.form)


def in_order_of_the_text(mistake: Mistake) -> tuple[str, int, int]:
    """Where a mistake stands among the others; those without a place come first."""
    span = mistake.span
    return (span.source.name, span.line, span.column) if span else ("", 0, 0)


def read_file(path: Path) -> Source:
    """The text of a file."""
    if "\0" in str(path):
        raise OSError(EINVAL, "a path holds no NUL")
    with path.open("rb") as file:
        return read_source(str(path), bounded(file))


def bounded(file: BinaryIO) -> bytes:
    """All of a file, or enough of it to see that it is too large: a path may name what never ends."""
    return file.read(LARGEST_DOCUMENT + 1)
