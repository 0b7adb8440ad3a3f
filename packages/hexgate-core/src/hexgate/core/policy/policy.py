"""A policy's text, files or data in, a `Policy` out: read, with inheritance and constants checked, or refused with every mistake.

# INVARIANT: a `Policy` made here can be compiled: there is no mistake left to find in it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from errno import EINVAL
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Self

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.policy.constants import constant_mistakes
from hexgate.core.policy.document import Document
from hexgate.core.policy.nodes import LARGEST_DOCUMENT, Node, from_data, from_text, read_source
from hexgate.core.policy.reader import read_document, read_roles
from hexgate.core.policy.roles import flatten, inheritance_mistakes
from hexgate.core.policy.writer import dump, to_yaml
from hexgate.core.text import Source
from hexgate.core.text.render import shown, visible

__all__ = ["Policy", "is_role_file", "unreadable"]

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
        sources = {name: partial(Source, name, text) for name, text in sorted(files.items()) if name.endswith(SUFFIXES)}
        return cls.from_sources(sources, "<files>")

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """The policy of a file, of a directory of role files, or of standard input (`-`)."""
        if str(path) == "-":
            return cls.checked(*read_document(from_text(read_source("<stdin>", bounded(sys.stdin.buffer)))))
        path = Path(path)
        try:
            if path.is_dir():
                found = sorted(file for file in path.iterdir() if is_role_file(file.name))
                return cls.from_sources({str(file): partial(read_role, file) for file in found}, str(path))
        except OSError as error:
            raise unreadable(path, error) from None
        return cls.checked(*read_document(from_text(read_file(path))))

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
    def from_sources(cls, sources: Mapping[str, Callable[[], Source]], directory: str) -> Self:
        """The policy of a directory, whose every file is a role. One source that cannot be had hides no mistake of another."""
        if not sources:
            help = "write one file a role, such as `default.yaml`"
            raise PolicyError([Mistake("HX111", f"`{visible(directory)}` holds no .yaml or .yml file", help)])
        bodies: list[tuple[str, Node | None]] = []
        stems: set[str] = set()
        mistakes: list[Mistake] = []
        for name, read in sources.items():
            stem = Path(name).stem
            # A file that cannot be read is a role all the same: who inherits it makes no second mistake.
            node: Node | None = None
            try:
                node = from_text(read())
            except PolicyError as error:
                mistakes.extend(error.mistakes)
            if stem in stems:
                help = "delete one of the two files"
                mistakes.append(
                    Mistake("HX211", f"the role `{shown(stem)}` has two files", help, node.span if node else None, stem)
                )
            stems.add(stem)
            bodies.append((stem, node))
        document, more = read_roles(bodies)
        return cls.checked(document, [*mistakes, *more])

    @classmethod
    def checked(cls, document: Document, mistakes: list[Mistake]) -> Self:
        """The policy of a document, if nothing is wrong with it."""
        inheritance = inheritance_mistakes(document)
        constants = [] if inheritance else constant_mistakes(flatten(document).values())
        mistakes = [*mistakes, *inheritance, *constants]
        if mistakes:
            raise PolicyError(sorted(mistakes, key=in_order_of_the_text))
        return cls(document.roles, document.consts, document.monitor, document.form, document.consts_at)


def is_role_file(name: str) -> bool:
    """Whether a file of that name in a directory of roles is one of them."""
    return name.endswith(SUFFIXES) and name[0] != "."


def in_order_of_the_text(mistake: Mistake) -> tuple[str, int, int]:
    """Where a mistake stands among the others; those without a place come first."""
    span = mistake.span
    return (span.source.name, span.line, span.column) if span else ("", 0, 0)


def read_file(path: Path) -> Source:
    """The text of a file, or the mistake that it cannot be read."""
    try:
        if "\0" in str(path):
            raise OSError(EINVAL, "a path holds no NUL")
        with path.open("rb") as file:
            return read_source(str(path), bounded(file))
    except OSError as error:
        raise unreadable(path, error) from None


def read_role(path: Path) -> Source:
    """The text of a file of a directory. A pipe or a device that lies there is not opened: it may never answer."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise unreadable(path, OSError(EINVAL, "it is no regular file"))
    return read_file(path)


def unreadable(path: Path | str, error: OSError) -> PolicyError:
    """The mistake of a path that is not there or not ours to read."""
    help = "check the path and the permissions; a policy's text goes to `Policy.from_text`"
    why = error.strerror or str(error)
    return PolicyError([Mistake("HX110", f"`{visible(str(path))}` cannot be read: {why}", help)])


def bounded(file: BinaryIO) -> bytes:
    """All of a file, or enough of it to see that it is too large: a path may name what never ends."""
    return file.read(LARGEST_DOCUMENT + 1)
