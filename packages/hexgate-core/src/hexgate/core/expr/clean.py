r"""What a clean path, a host and a file pattern are. The parser, the policy reader and the engines take them from here.

    clean path   segments joined by `/`, none of them empty, `.` or `..`, one leading `./` left aside; no `\`, no control character
    host         labels of ASCII letters, digits, `-` and `_` joined by dots, or an IPv6 address in brackets
    file pattern a clean relative path in which `*` and `?` stay in a segment, `**` does not, and `**/` may be nothing

# INVARIANT: every function takes linear time in the length of its text, whoever wrote it.
"""

from __future__ import annotations

import re

__all__ = ["directory_mistake", "glob_mistake", "glob_regex", "host_mistake", "host_of", "is_clean", "normal_path"]

SEGMENT = r"(?!\.{1,2}(?:/|\Z))[^/\\\x00-\x1f\x7f-\x9f]++"
SEGMENTS = rf"{SEGMENT}(?:/{SEGMENT})*+"
# A drive letter makes a path absolute wherever it may be read, so it must not hide behind `./` either.
RELATIVE = re.compile(rf"(?:\./)?+((?![A-Za-z]:){SEGMENTS})")
ABSOLUTE = re.compile(rf"(?:\./(?![A-Za-z]:))?+({SEGMENTS})|(/{SEGMENTS})")
DRIVE = re.compile(r"(?:\./)?[A-Za-z]:")
FORBIDDEN = re.compile(r"[\\\x00-\x1f\x7f-\x9f]")

NAME = r"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+"
HOST = re.compile(NAME)
URL = re.compile(
    rf"[Hh][Tt][Tt][Pp][Ss]?://({NAME}|\[[0-9A-Fa-f:.]++\])(?::[0-9]*+)?+(?:[/?#]"
    r"[^\\\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*+)?+"
)
BYTE = r"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
IPV4 = re.compile(rf"{BYTE}(?:\.{BYTE}){{3}}")
HEXADECIMAL = re.compile(r"[0-9A-Fa-f]{1,4}")

MOST_CHARACTERS = 1024
GLOB = re.compile(r"(?<![^/])(\*\*/)|(?<![^/])(\*\*)\Z|(\*\*)|(\*)|(\?)|([^*?]++)")
# What each group of GLOB stands for. What lies below a directory is not the directory: its `**` is at least one character.
WILDCARDS = ("(?:.*/)?", ".+", ".*", "[^/]*", "[^/]")


def is_clean(path: str, *, absolute: bool) -> bool:
    """Whether a path is clean; a leading `/` or a drive letter only if `absolute`."""
    return (ABSOLUTE if absolute else RELATIVE).fullmatch(path) is not None


def normal_path(path: str, *, absolute: bool = True) -> str | None:
    """The clean path without one leading `./`, None when it is not clean."""
    match = (ABSOLUTE if absolute else RELATIVE).fullmatch(path)
    return match[match.lastindex or 1] if match else None


def host_of(url: str) -> str | None:
    """The host of an absolute http(s) URL without user info in lower case, None for anything else."""
    match = URL.fullmatch(url)
    return match[1].lower() if match else None


def path_mistake(path: str) -> str | None:
    """Why a path is not clean, leaving aside whether it is absolute."""
    if not path:
        return "it is empty"
    if FORBIDDEN.search(path):
        return "it has a backslash" if "\\" in path else "it has a control character"
    if len(path) > 1 and path.endswith("/"):
        return "it ends with `/`"
    segments = path.removeprefix("./").removeprefix("/").split("/")
    for wrong, name in (("..", "a `..` segment"), (".", "a `.` segment"), ("", "an empty segment")):
        if wrong in segments:
            return f"it has {name}"
    return None


def directory_mistake(text: str) -> str | None:
    """Why a text is no directory for `within`, None when it is one."""
    if text == "/" or is_clean(text, absolute=True):
        return None
    return path_mistake(text) or "it hides an absolute path behind `./`"


def glob_mistake(pattern: str) -> str | None:
    """Why a file pattern is wrong, None when it is not."""
    if len(pattern) > MOST_CHARACTERS:
        return "it is longer than 1,024 characters"
    found = next((char for char in pattern if char in "[]{}\\"), None)
    if found or pattern.startswith("!"):
        return (
            f"it has a `{found}`, which has no meaning here"
            if found
            else "it begins with `!`, which has no meaning here"
        )
    if "***" in pattern:
        return "it has a `***`, which has no meaning here"
    if pattern.startswith(("/", ".//")) or DRIVE.match(pattern):
        return "it is absolute"
    return path_mistake(pattern)


def glob_regex(pattern: str) -> str:
    """RE2's text for a file pattern that has no mistake; it is asked of normal paths."""

    def translated(match: re.Match[str]) -> str:
        group = match.lastindex or 0
        return re.escape(match[6]) if group == 6 else WILDCARDS[group - 1]

    return rf"(?s)\A{GLOB.sub(translated, pattern.removeprefix('./'))}\z"


def host_mistake(entry: str) -> str | None:
    """Why an entry is no host or `*.host`, None when it is one."""
    if entry.startswith("["):
        return None if entry.endswith("]") and is_ipv6(entry[1:-1]) else "it is no IPv6 address in brackets"
    name = entry.removeprefix("*.")
    if HOST.fullmatch(name) is None:
        return unlike_a_host(name)
    if name.rpartition(".")[2].isdigit() and (name != entry or IPV4.fullmatch(name) is None):
        return "it is no IPv4 address, and no name ends in a number"
    return None


def unlike_a_host(name: str) -> str:
    """What is wrong with a name that is no host."""
    if not name:
        return "it is empty"
    for part, reason in (
        ("://", "it has a scheme"),
        ("/", "it has a path"),
        ("@", "it has user info"),
        (":", "it has a port, or is an IPv6 address without brackets"),
        ("*", "a `*` stands only at the beginning, as `*.`"),
    ):
        if part in name:
            return reason
    return (
        "it has an empty label" if "" in name.split(".") else "a host has only ASCII letters, digits, `-`, `_` and dots"
    )


def is_ipv6(text: str) -> bool:
    """Whether a text is an IPv6 address; of `::` there is at most one, and it stands for at least one group."""
    parts = text.split("::")
    if len(parts) > 2:
        return False
    groups = [group for part in parts for group in part.split(":") if part]
    if groups and "." in groups[-1] and not text.endswith("::"):
        if IPV4.fullmatch(groups.pop()) is None:
            return False
        groups += ["0", "0"]
    if not all(HEXADECIMAL.fullmatch(group) for group in groups):
        return False
    return len(groups) == 8 if len(parts) == 1 else len(groups) < 8
