"""Paths, path patterns, hosts and lower case, read straight off POLICY.md. Slow, and meant to be obvious.

Nothing here is shared with the engine, so that the two can only agree by both being right.
"""

from __future__ import annotations

import unicodedata

__all__ = ["host_in", "in_file_scope", "lower", "lies_within"]


def is_control(character: str) -> bool:
    """A control character is one of Unicode category Cc."""
    return unicodedata.category(character) == "Cc"


def has_drive(text: str) -> bool:
    """A drive letter (`C:`) counts as absolute."""
    return len(text) >= 2 and text[0].isascii() and text[0].isalpha() and text[1] == ":"


def plain_segments(text: str) -> list[str] | None:
    """The segments of a path in which nothing is odd: section 1's "a `..`, `.` or empty segment, a backslash, a NUL or a
    control character matches nothing"."""
    segments = text.split("/")
    odd_segment = any(segment in ("", ".", "..") for segment in segments)
    odd_character = any(character == "\\" or is_control(character) for character in text)
    return None if odd_segment or odd_character else segments


def relative_segments(text: str) -> list[str] | None:
    """Section 1, file scope: "a path that is absolute, empty, has a `.` other than one leading `./` … matches nothing"."""
    without_dot = text.removeprefix("./")
    return None if has_drive(without_dot) else plain_segments(without_dot)


def any_segments(text: str) -> list[str] | None:
    """The same with "absolute allowed here": an absolute path's first segment is its root, `/` or `C:`."""
    if text.startswith("./"):
        return relative_segments(text)
    if text.startswith("/"):
        below = plain_segments(text[1:])
        return None if below is None else ["/", *below]
    return plain_segments(text)


def lies_within(path: str, directories: tuple[str, ...]) -> bool:
    """`within`: "the path is clean and equals or lies below one of the directories"."""
    segments = any_segments(path)
    if segments is None:
        return False
    for directory in directories:
        top = ["/"] if directory == "/" else any_segments(directory)
        if top is not None and segments[: len(top)] == top:
            return True
    return False


def glob(pattern: str, path: str, at_segment_start: bool = True) -> bool:
    """ "`**` crosses `/`, `*` and `?` do not", one character after another; `**/` also matches no directory."""
    if pattern == "":
        return path == ""
    if pattern.startswith("**/") and at_segment_start and glob(pattern[3:], path):
        return True
    if pattern.startswith("**"):
        return any(glob(pattern[2:], path[used:], False) for used in range(len(path) + 1))
    if pattern.startswith("*"):
        segment = path.split("/", maxsplit=1)[0]
        return any(glob(pattern[1:], path[used:], False) for used in range(len(segment) + 1))
    if path == "":
        return False
    if pattern[0] == "?":
        return path[0] != "/" and glob(pattern[1:], path[1:], False)
    return pattern[0] == path[0] and glob(pattern[1:], path[1:], pattern[0] == "/")


def in_file_scope(path: str, allowed: tuple[str, ...] | None, denied: tuple[str, ...]) -> bool:
    """ "A denied pattern beats an allowed one." No allowed patterns at all: every clean path is allowed."""
    segments = relative_segments(path)
    if segments is None:
        return False
    clean = "/".join(segments)
    if any(glob(pattern.removeprefix("./"), clean) for pattern in denied):
        return False
    return allowed is None or any(glob(pattern.removeprefix("./"), clean) for pattern in allowed)


def ascii_lower(text: str) -> str:
    """Hosts are compared without regard to ASCII case, and to no other."""
    return "".join(chr(ord(character) + 32) if "A" <= character <= "Z" else character for character in text)


def host_of(url: str) -> str | None:
    """The host of "an absolute http(s) URL without user info", None for any other text."""
    if any(character == "\\" or character.isspace() or is_control(character) for character in url):
        return None
    scheme, separator, rest = url.partition("://")
    if not separator or ascii_lower(scheme) not in ("http", "https"):
        return None
    authority = rest
    for end in "/?#":
        authority = authority.split(end)[0]
    return None if "@" in authority else host_of_authority(authority)


def host_of_authority(authority: str) -> str | None:
    """The host of `host`, `host:port`, `[ipv6]` or `[ipv6]:port`."""
    if authority.startswith("["):
        inner, bracket, port = authority[1:].partition("]")
        well_formed = (
            bracket == "]" and inner != "" and all(character in "0123456789abcdefABCDEF:." for character in inner)
        )
        host = f"[{inner}]"
    else:
        host, colon, digits = authority.partition(":")
        port = colon + digits
        well_formed = all(is_label(label) for label in host.split("."))
    return ascii_lower(host) if well_formed and (port == "" or is_port(port)) else None


def is_label(label: str) -> bool:
    """A host is labels of ASCII letters, digits, `-` and `_`; whatever else stands there is no host that an entry could equal."""
    return label != "" and all(
        character.isascii() and (character.isalnum() or character in "-_") for character in label
    )


def is_port(text: str) -> bool:
    """An optional port: a colon and ASCII digits."""
    return text.startswith(":") and all("0" <= character <= "9" for character in text[1:])


def host_in(url: str, entries: tuple[str, ...]) -> bool:
    """`url_host_in`: the "host equals an entry, or lies under it for `*.example.com`"."""
    host = host_of(url)
    if host is None:
        return False
    for entry in map(ascii_lower, entries):
        if entry.startswith("*."):
            if host.endswith(entry[1:]) and host != entry[1:]:
                return True
        elif host == entry:
            return True
    return False


def lower(text: str) -> str:
    """Each code point's simple lower case. Only U+0130 has a full mapping that differs from its simple one."""
    return "".join("i" if character == "\u0130" else character.lower() for character in text)
