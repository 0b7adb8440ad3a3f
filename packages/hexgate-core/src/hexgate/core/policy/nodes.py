"""The text of a document, or plain Python data, in; a bounded tree of nodes that know their place out.

YAML is read as events and resolved here, so that no tag, no implicit type of YAML 1.1 and no expansion of aliases can surprise:
a value is what JSON would say it is, a word, or a mistake.
"""

from __future__ import annotations

import re
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import yaml

from hexgate.core.errors import Mistake, PolicyError
from hexgate.core.text import Source, Span
from hexgate.core.text.render import shown

__all__ = [
    "LOADER",
    "LARGEST_DOCUMENT",
    "MappingNode",
    "Node",
    "ScalarNode",
    "SequenceNode",
    "from_data",
    "from_text",
    "read_source",
]

LARGEST_DOCUMENT = 16 * 1024 * 1024
DEEPEST = 64
MOST_NODES = 1_000_000
BYTE_ORDER_MARK = "\ufeff"
# What YAML lets nobody write, and a byte order mark where no document begins, which nobody would see.
UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
# A list item that begins with a text in quotes and goes on: a constraint, which YAML takes for its first text alone.
BEGINS_QUOTED = re.compile(r"""(?:(?<=-\s)|(?<=\[)|(?<=,\s))(["'])[^"']*+\1(?=\s+(?:[=!<>]|in\b|not\b|and\b|or\b))""")
CLOSING = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class ScalarNode:
    """A single value: `plain` text that is still to be resolved, text that was quoted, or a value that Python gave."""

    value: object
    plain: bool
    span: Span | None
    weight: int = 1


@dataclass(slots=True)
class SequenceNode:
    """A list of nodes."""

    items: list[Node]
    span: Span | None
    weight: int = 1
    open: bool = True


@dataclass(slots=True)
class MappingNode:
    """Pairs of a key and its value, in the order of the text, repeated keys included."""

    pairs: list[tuple[ScalarNode, Node]]
    span: Span | None
    weight: int = 1
    open: bool = True
    pending: ScalarNode | None = field(default=None, repr=False)


Node = ScalarNode | SequenceNode | MappingNode


def refuse(code: str, message: str, *, help: str | None = None, span: Span | None = None) -> PolicyError:
    """The error of a document that cannot be read any further."""
    return PolicyError([Mistake(code, message, help, span)])


def read_source(name: str, data: bytes) -> Source:
    """The bytes of a file as a source: UTF-8, with or without a byte order mark, of a sensible size."""
    if len(data) > LARGEST_DOCUMENT:
        help = "16 MiB is the most; split the roles into a directory of files"
        raise refuse("HX103", f"`{name}`: the document is too large", help=help)
    data = data.removeprefix(BOM_UTF8)
    try:
        return Source(name, data.decode())
    except UnicodeDecodeError as error:
        source = Source(name, data.decode(errors="replace"))
        span = character(source, len(data[: error.start].decode()))
        raise refuse("HX102", "this is not UTF-8 text", help="save the file as UTF-8", span=span) from None


def character(source: Source, index: int) -> Span:
    """The place of one character."""
    lines = Source(source.name, source.text[:index]).lines
    return Span(source, len(lines), len(lines[-1]) + 1, len(lines), len(lines[-1]) + 2)


def from_text(source: Source) -> Node:
    """The one YAML document of a source."""
    if len(source.text) > LARGEST_DOCUMENT:
        raise refuse("HX103", f"`{source.name}`: the document is too large", help="16 MiB is the most")
    if source.text.startswith(BYTE_ORDER_MARK):
        source = Source(source.name, source.text[1:])
    if BYTE_ORDER_MARK in source.text:
        raise unreadable(source)
    composer = Composer(source)
    try:
        for event in yaml.parse(source.text, Loader=LOADER):
            composer.take(event)
    except yaml.MarkedYAMLError as error:
        raise not_yaml(source, error) from None
    except (yaml.reader.ReaderError, UnicodeEncodeError):
        raise unreadable(source) from None
    if composer.root is None:
        raise refuse("HX109", f"`{source.name}` is empty", help="write at least one rule below `tools:`")
    return composer.root


def not_yaml(source: Source, error: yaml.MarkedYAMLError) -> PolicyError:
    """What the YAML parser stumbled over, at its place."""
    mark = error.problem_mark or error.context_mark
    span = None
    if mark is not None and mark.line < len(source.lines):
        span = Span(source, mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2)
    elif mark is not None:
        # One of the parsers takes the end of a text for a line of its own.
        span = character(source, len(source.text))
    tabbed = span is not None and "\t" in source.line(span.line)[: span.column]
    help = "check the indentation and the quotes around this place"
    if tabbed:
        help = "indent with spaces: YAML knows no tabs"
    elif span is not None and (found := BEGINS_QUOTED.search(source.line(span.line))):
        around, quotes = ("'", "single") if found[1] == '"' else ('"', "double")
        help = f"put the whole constraint in {quotes} quotes: `{around}{shown(found[0])} …{around}`"
    return refuse("HX101", f"this is not valid YAML: {error.problem or error.context}", help=help, span=span)


def unreadable(source: Source) -> PolicyError:
    """The first character that no YAML document may hold."""
    # The position that the parsers give counts code points in the one and bytes in the other, so the character is looked for.
    found = UNREADABLE.search(source.text)
    span = character(source, found.start()) if found else None
    return refuse(
        "HX101", "a control character stands here, and YAML allows none", help="delete the character", span=span
    )


class Composer:
    """Takes events one by one and keeps the tree, so that a bomb is refused before it is built."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.root: Node | None = None
        self.stack: list[SequenceNode | MappingNode] = []
        self.anchors: dict[str, Node] = {}
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        """One event more."""
        if isinstance(event, yaml.ScalarEvent):
            self.add(self.scalar(event), event)
        elif isinstance(event, CLOSING):
            self.close()
        elif isinstance(event, yaml.CollectionStartEvent):
            self.begin(event)
        elif isinstance(event, yaml.AliasEvent):
            self.add(self.alias(event), None)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise refuse(
                    "HX105",
                    "a second document begins here",
                    help="one document a file: delete it, or put it in a file of its own",
                    span=self.span(event),
                )

    def span(self, event: yaml.Event) -> Span:
        # Every event that a parser gives is marked; the type knows of hand-made ones too.
        start, end = cast(yaml.Mark, event.start_mark), cast(yaml.Mark, event.end_mark)
        return Span(self.source, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def scalar(self, event: yaml.ScalarEvent) -> ScalarNode:
        self.refuse_tag(event)
        return ScalarNode(event.value, not event.style, self.span(event))

    def begin(self, event: yaml.CollectionStartEvent) -> None:
        self.refuse_tag(event)
        span = self.span(event)
        if len(self.stack) == DEEPEST:
            raise refuse(
                "HX104",
                f"the document is nested more than {DEEPEST} levels deep",
                help="no policy needs more than ten",
                span=span,
            )
        node = SequenceNode([], span) if isinstance(event, yaml.SequenceStartEvent) else MappingNode([], span)
        self.anchor(node, event)
        self.refuse_key(node)
        self.stack.append(node)

    def refuse_key(self, node: Node) -> None:
        """Refuses a list or a mapping where the open mapping waits for a key."""
        parent = self.stack[-1] if self.stack else None
        if isinstance(parent, MappingNode) and parent.pending is None and not isinstance(node, ScalarNode):
            raise refuse("HX202", "a key must be a name", help="write `name: value`", span=node.span)

    def refuse_tag(self, event: yaml.NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            raise refuse(
                "HX107",
                f"the tag `{shown(tag)}` is not allowed",
                help="delete the tag: values are what they look like",
                span=self.span(event),
            )

    def anchor(self, node: Node, event: yaml.NodeEvent) -> None:
        if event.anchor is not None:
            self.anchors[event.anchor] = node

    def alias(self, event: yaml.AliasEvent) -> Node:
        span = self.span(event)
        name = cast(str, event.anchor)
        target = self.anchors.get(name)
        if target is None:
            raise refuse(
                "HX101",
                f"this is not valid YAML: no anchor `{shown(name)}` stands before this place",
                span=span,
                help="define it with `&` first",
            )
        if not isinstance(target, ScalarNode) and target.open:
            raise refuse("HX106", f"the anchor `{shown(name)}` holds itself", help="write the value out", span=span)
        return target

    def add(self, node: Node, event: yaml.NodeEvent | None) -> None:
        """Puts a finished node where it belongs."""
        if event is not None:
            self.anchor(node, event)
        self.refuse_key(node)
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1]
        parent.weight += node.weight
        if parent.weight > MOST_NODES:
            raise refuse(
                "HX106",
                "the document grows too large when its aliases are written out",
                help="use fewer aliases",
                span=parent.span,
            )
        if isinstance(parent, SequenceNode):
            parent.items.append(node)
        elif parent.pending is None and isinstance(node, ScalarNode):
            parent.pending = node
        else:
            # What is no name was refused as a key above, so a key waits for its value here.
            parent.pairs.append((cast(ScalarNode, parent.pending), node))
            parent.pending = None

    def close(self) -> None:
        node = self.stack.pop()
        node.open = False
        self.add(node, None)


def from_data(value: object) -> Node:
    """Plain Python data as nodes: what JSON knows, tuples for lists, and dates."""
    return data_node(value, 0, iter(range(MOST_NODES)))


def data_node(value: object, depth: int, budget: Iterator[int]) -> Node:
    if next(budget, None) is None:
        raise refuse("HX106", "the document is too large", help="split it")
    if depth > DEEPEST:
        raise refuse(
            "HX104", f"the document is nested more than {DEEPEST} levels deep", help="no policy needs more than ten"
        )
    if isinstance(value, Mapping):
        pairs: list[tuple[ScalarNode, Node]] = []
        for key, item in value.items():
            if not isinstance(key, str):
                raise refuse("HX202", f"a key must be a text, not a {shown(type(key).__name__)}", help="quote the key")
            pairs.append((ScalarNode(key, False, None), data_node(item, depth + 1, budget)))
        return MappingNode(pairs, None, open=False)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return SequenceNode([data_node(item, depth + 1, budget) for item in value], None, open=False)
    return ScalarNode(value, False, None)
