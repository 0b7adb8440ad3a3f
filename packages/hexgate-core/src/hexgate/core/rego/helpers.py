r"""The functions that printed conditions are made of: the names of those that are called in, their Rego out.

All of them take values of any type, so that OPA's type checker has nothing to say about what an author compares. Their bodies
first ask for the types that the leaf wants. Where an argument is missing OPA does not run them, and nothing holds.

# INVARIANT: `is_…` and `is_not_…` both fail when something that the leaf reads is missing or of the wrong type.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from hexgate.core.expr.lower import TABLE
from hexgate.core.rego.literals import string

__all__ = ["NAMES", "definitions"]

# A path's segment that is neither `.` nor `..`: RE2's syntax has no look-ahead.
OTHER = r"[^/\\\x00-\x1f\x7f-\x9f]"
FIRST = r"[^./\\\x00-\x1f\x7f-\x9f]"
SEGMENT = rf"(?:{FIRST}{OTHER}*|\.{FIRST}{OTHER}*|\.\.{OTHER}+)"
HOST = r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*"
SPACES = r"\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
TAIL = rf"[/?#][^\\\x00-\x20\x7f-\x{{a0}}{SPACES}]*"
PIECES = {
    "SEGMENTS": rf"{SEGMENT}(?:/{SEGMENT})*",
    "URL": rf"\A[Hh][Tt][Tt][Pp][Ss]?://({HOST}|\[[0-9A-Fa-f:.]+\])(?::[0-9]*)?(?:{TAIL})?\z",
}

# Blank lines stand between definitions, and nowhere else.
TEXT = r"""
is_equal(a, b) if a == b

is_not_equal(a, b) if a != b

is_less(a, b) if {
	are_ordered(a, b)
	a < b
}

is_at_most(a, b) if {
	are_ordered(a, b)
	a <= b
}

is_more(a, b) if {
	are_ordered(a, b)
	a > b
}

is_at_least(a, b) if {
	are_ordered(a, b)
	a >= b
}

# Two numbers or two texts. OPA by itself orders all values.
are_ordered(a, b) if {
	is_number(a)
	is_number(b)
}

are_ordered(a, b) if {
	is_string(a)
	is_string(b)
}

is_in(member, members) if {
	is_array(members)
	member in members
}

is_not_in(member, members) if {
	is_array(members)
	not member in members
}

are_texts(text, part) if {
	is_string(text)
	is_string(part)
}

is_starting_with(text, part) if {
	are_texts(text, part)
	startswith(text, part)
}

is_not_starting_with(text, part) if {
	are_texts(text, part)
	not startswith(text, part)
}

is_ending_with(text, part) if {
	are_texts(text, part)
	endswith(text, part)
}

is_not_ending_with(text, part) if {
	are_texts(text, part)
	not endswith(text, part)
}

is_containing(text, part) if {
	are_texts(text, part)
	contains(text, part)
}

is_not_containing(text, part) if {
	are_texts(text, part)
	not contains(text, part)
}

is_matching(text, pattern) if {
	is_string(text)
	regex.match(pattern, text)
}

is_not_matching(text, pattern) if {
	is_string(text)
	not regex.match(pattern, text)
}

is_present(_) := true

# Takes what was found in an array: OPA runs no function on what is missing.
is_not_present(found) if found == []

# A list. Nothing holds for each or any element of what is none.
elements(list) := list if is_array(list)

size(list) := count(list) if is_array(list)

size(object) := count(object) if is_object(object)

size(text) := count(text) if is_string(text)

# Directories end with `/` here, and so does the path that is looked for in them.
is_within(path, directories) if {
	is_string(path)
	ended := concat("", [clean_path(path), "/"])
	some directory in directories
	startswith(ended, directory)
}

is_not_within(path, directories) if {
	is_string(path)
	not is_within(path, directories)
}

# A path without empty, `.` and `..` segments, backslashes and control characters; one leading `./` is taken away.
clean_path(path) := trim_prefix(path, "./") if {
	regex.match(`\A(?:(?:\./)?@SEGMENTS@|/@SEGMENTS@)\z`, path)
	not regex.match(`\A\./[A-Za-z]:`, path)
}

is_in_scope(path, allowed, denied) if {
	is_string(path)
	relative := relative_path(path)
	matches_any(relative, allowed)
	not matches_any(relative, denied)
}

is_not_in_scope(path, allowed, denied) if {
	is_string(path)
	not is_in_scope(path, allowed, denied)
}

# The same for paths that are not absolute, with a drive letter or without.
relative_path(path) := trim_prefix(path, "./") if {
	regex.match(`\A(?:\./)?@SEGMENTS@\z`, path)
	not regex.match(`\A(?:\./)?[A-Za-z]:`, path)
}

matches_any(text, patterns) if {
	some pattern in patterns
	regex.match(pattern, text)
}

is_host_in(url, hosts, _) if {
	is_string(url)
	host_of(url) in hosts
}

is_host_in(url, _, endings) if {
	is_string(url)
	host := host_of(url)
	some ending in endings
	endswith(host, ending)
}

is_not_host_in(url, hosts, endings) if {
	is_string(url)
	not is_host_in(url, hosts, endings)
}

# The host of an absolute http(s) URL without user info.
host_of(url) := lower(found[0][1]) if {
	found := regex.find_all_string_submatch_n(
		`@URL@`,
		url,
		1,
	)
}

lowered(text) := lower(text) if {
	is_string(text)
	is_ascii(text)
}

lowered(text) := strings.replace_n(lower_case, text) if {
	is_string(text)
	not is_ascii(text)
}

is_ascii(text) if regex.match(`\A[\x00-\x7f]*\z`, text)

# The simple lower case of Unicode 14, whatever version this OPA knows. A text, for OPA takes long to compile so many pairs.
lower_case := json.unmarshal(`{
	@LOWER_CASE@
}`)
"""
HEAD = re.compile(r"^([a-z_]+)(?=\(| :=)", re.MULTILINE)
PAIRS_IN_A_LINE = 5


def blocks() -> dict[str, list[str]]:
    """The definitions of each name."""
    found: dict[str, list[str]] = {}
    for block in TEXT.strip().split("\n\n"):
        head = HEAD.search(block)
        found.setdefault(head[1] if head else "", []).append(block)
    return found


BLOCKS = blocks()
NAMES = frozenset(BLOCKS)
NEEDS = {name: NAMES.intersection(re.findall(r"[a-z_]+", " ".join(texts))) - {name} for name, texts in BLOCKS.items()}


def definitions(called: Iterable[str]) -> list[str]:
    """The definitions of these functions and of all that they call, in the order of this page."""
    wanted: set[str] = set()
    more = set(called)
    while more:
        wanted |= more
        more = {need for name in more for need in NEEDS[name]} - wanted
    return [filled(block) for name, texts in BLOCKS.items() if name in wanted for block in texts]


def filled(block: str) -> str:
    """A definition with its pieces put in."""
    for name, piece in PIECES.items():
        block = block.replace(f"@{name}@", piece)
    return block.replace("@LOWER_CASE@", "\n\t".join(lower_case())) if "@LOWER_CASE@" in block else block


def lower_case() -> Iterable[str]:
    """Every capital letter with its small one, some to a line."""
    pairs = [f"{string(chr(capital))}: {string(chr(small))}" for capital, small in sorted(TABLE.items())]
    for first in range(0, len(pairs), PAIRS_IN_A_LINE):
        last = first + PAIRS_IN_A_LINE
        yield ", ".join(pairs[first:last]) + ("," if last < len(pairs) else "")
