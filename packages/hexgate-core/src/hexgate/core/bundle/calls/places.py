"""Directories, file patterns and hosts in, the paths and URLs around them out: what is meant, and what only looks like it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

from hexgate.core.bundle.calls.question import ABSENT

__all__ = ["around_directories", "around_globs", "around_hosts", "glob_samples"]

NO_PATHS = (
    "",
    "..",
    ".",
    "/",
    "../a",
    "a/../b",
    "a\\b",
    "a\nb",
    "a\x7fb",
    "C:/a",
    "a//b",
    "a/",
    "./../a",
    "././a",
    "\u00e9",
)
# What `**` and `*` may stand for in a sample; `?` is one character.
DEEP, FLAT, ONE = ("a", "a/b", "a/.b/c"), ("a", "a.b", ".a"), ("a", "\u00e9")
MOST_SAMPLES = 6
OTHERS: tuple[Any, ...] = (5, None, [])


def around_directories(directories: tuple[str, ...]) -> list[Any]:
    """Paths in some directories, beside them, and paths that are not clean."""
    found: list[Any] = [f"{directory.rstrip('/')}/a" for directory in directories]
    found += [*directories, "elsewhere/a", ABSENT, 5]
    for directory in directories:
        base = directory.rstrip("/")
        found += [f"{base}a/b", f"{base}/../b", f"{base}/./b", f"{base}//b", f"{base}/a/", f"{base}\\a", f"{base}/a\n"]
        found += [
            f"./{base}/a",
            f"/{base}/a",
            f"{base.swapcase()}/a",
            f"{base}/a/b/.c",
            f"x/{base}/a",
            f"{base}/...",
            base,
        ]
    return [*found, *NO_PATHS, *OTHERS]


def around_globs(allowed: tuple[str, ...] | None, denied: tuple[str, ...]) -> list[Any]:
    """Paths that an allowed pattern takes, that a denied one takes, that neither does, and paths that are not clean."""
    inside = [path for pattern in allowed or ("**",) for path in glob_samples(pattern)]
    outside = [path for pattern in denied for path in glob_samples(pattern)]
    found: list[Any] = [*inside[:2], *outside[:2], "elsewhere", ABSENT, 5, *inside[2:], *outside[2:]]
    # A denied name in an allowed place, and the other way round.
    names = list(dict.fromkeys(other.rpartition("/")[2] for other in outside))[:MOST_SAMPLES]
    places = list(dict.fromkeys(path.rpartition("/")[0] for path in inside))[: 3 * MOST_SAMPLES]
    found += [f"{place}/{name}" for place in places for name in names]
    found += [variant for path in [*inside[:3], *outside[:3]] for variant in unclean(path)]
    return [*found, *NO_PATHS, *OTHERS]


def unclean(path: str) -> Iterable[str]:
    """The path with something done to it."""
    yield from (
        f"./{path}",
        f"/{path}",
        f"{path}/",
        f"../{path}",
        f"{path}/../b",
        f"././{path}",
        f"{path}\n",
        f"{path}/b",
    )
    yield from (f"{path}a", f"x{path}", f"x/{path}", path.swapcase(), path.replace("/", "//"), path.replace("/", "\\"))


def glob_samples(pattern: str) -> list[str]:
    """Paths that a file pattern takes, and some that it would take if `*` crossed `/`."""
    parts: list[tuple[str, ...]] = []
    rest = pattern.removeprefix("./")
    while rest:
        sign = "**" if rest.startswith("**") else rest[0]
        parts.append({"**": DEEP, "*": FLAT, "?": ONE}.get(sign, (sign,)))
        rest = rest[len(sign) :]
    found: dict[str, None] = {}
    for choice in product(*parts) if sum(len(part) > 1 for part in parts) < MOST_SAMPLES else [[p[0] for p in parts]]:
        found["".join(choice)] = None
        if len(found) == MOST_SAMPLES:
            break
    crossing = "".join({"*": "a/b", "?": "/"}.get(char, char) for char in pattern.replace("**", "c"))
    return [*found, crossing, pattern.replace("**/", "")]


def around_hosts(hosts: tuple[str, ...]) -> list[Any]:
    """URLs at some hosts, near them, and texts that are no URL of the kind that is meant."""
    names = [host.removeprefix("*.") for host in hosts]
    found: list[Any] = [f"https://{host.replace('*', 'sub')}/a" for host in hosts]
    found += ["https://elsewhere.test/", ABSENT, 5]
    for name in names:
        found += [
            f"https://{name}",
            f"https://sub.{name}/",
            f"https://a.b.{name}/",
            f"https://x{name}/",
            f"http://{name}:80/",
        ]
        found += [
            f"HTTPS://{name.upper()}:443/?a#b",
            f"https://{name}.elsewhere.test/",
            f"https://{name}./",
            f"https://.{name}/",
        ]
        found += [
            f"https://user@{name}/",
            f"https://{name}@elsewhere.test/",
            f"https://elsewhere.test/{name}",
            f"//{name}/",
        ]
        found += [f"https://elsewhere.test\\@{name}", f"ftp://{name}/", f" https://{name}/", f"https://{name}/ a", name]
        found += [
            f"https://{name}:x/",
            f"https://{name}\n",
            f"https:///{name}",
            f"https://elsewhere.test?@{name}",
            f"https://{name}?a",
        ]
    return [*found, "https://[::1]/", "https://[::2]:1/", "https://127.0.0.1/", "https://ex\u00e4mple/", "", *OTHERS]
