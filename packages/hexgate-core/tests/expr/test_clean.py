"""What a clean path, a host, a directory and a file pattern are."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hexgate.core.expr.clean import (
    directory_mistake,
    glob_mistake,
    glob_regex,
    host_mistake,
    host_of,
    is_clean,
    normal_path,
)
from hexgate.core.expr.patterns import compile_pattern

PATHS = st.one_of(st.text("./aC:\\\n\x85é", max_size=10), st.text(max_size=6))


def plainly_clean(path: str, absolute: bool) -> bool:
    """The definition, word by word."""
    below = path.removeprefix("./")
    if (
        len(below) > 1
        and below[1] == ":"
        and below[0].isascii()
        and below[0].isalpha()
        and (below != path or not absolute)
    ):
        return False
    if absolute and path.startswith("/"):
        below = path[1:]
    odd = any(char == "\\" or unicodedata.category(char) == "Cc" for char in path)
    return not odd and not any(segment in ("", ".", "..") for segment in below.split("/"))


@given(PATHS, st.booleans())
@example("./C:/x", True)
@example(".//x", True)
@example("C:/x", True)
@example("/", True)
@example("a\n", False)
def test_a_path_is_clean_when_the_definition_says_so(path: str, absolute: bool) -> None:
    clean = plainly_clean(path, absolute)
    assert is_clean(path, absolute=absolute) is clean
    assert normal_path(path, absolute=absolute) == (path.removeprefix("./") if clean else None)


@given(PATHS)
def test_a_directory_is_a_clean_path_or_the_root(text: str) -> None:
    good = text == "/" or plainly_clean(text, absolute=True)
    assert (directory_mistake(text) is None) is good


@pytest.mark.parametrize(
    ("directory", "reason"),
    [
        ("", "it is empty"),
        ("a\\b", "it has a backslash"),
        ("a\x00", "it has a control character"),
        ("a/", "it ends with `/`"),
        ("a//b", "it has an empty segment"),
        ("a/./b", "it has a `.` segment"),
        ("../a", "it has a `..` segment"),
        (".", "it has a `.` segment"),
        ("//", "it ends with `/`"),
        ("./C:/x", "it hides an absolute path behind `./`"),
        (".//x", "it hides an absolute path behind `./`"),
        ("/srv/data", None),
        ("./src", None),
        ("C:/work", None),
    ],
)
def test_what_is_wrong_with_a_directory_is_said(directory: str, reason: str | None) -> None:
    assert directory_mistake(directory) == reason


def test_a_long_path_is_judged_at_once() -> None:
    assert is_clean("a/" * 500_000 + "a", absolute=False)
    assert not is_clean("./" * 500_000, absolute=False)
    assert normal_path("a" * 1_000_000 + "\n") is None
    assert directory_mistake("../" * 300_000) is not None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com", "example.com"),
        ("HTTP://EXAMPLE.com:8080/a/../b?c=@d#e", "example.com"),
        ("https://example.com:/", "example.com"),
        ("https://example.com?x", "example.com"),
        ("https://example.com#x@y", "example.com"),
        ("https://a_b-c.example.com/ä", "a_b-c.example.com"),
        ("http://10.0.0.1/", "10.0.0.1"),
        ("http://[::1]:80/", "[::1]"),
        ("http://[2001:DB8::1]", "[2001:db8::1]"),
        ("ftp://example.com", None),
        ("//example.com", None),
        ("https:example.com", None),
        ("https:///example.com", None),
        ("https://", None),
        ("https://user@example.com", None),
        ("https://example.com@evil.com", None),
        ("https://example.com:80@evil.com", None),
        ("https://example.com:80x", None),
        ("https://example.com\\@evil.com", None),
        ("https://example.com/a b", None),
        ("https://example.com/\u2003", None),
        (" https://example.com", None),
        ("https://example.com\n", None),
        ("https://example.com/\x00", None),
        ("https://example.com/\x85", None),
        ("https://exam%70le.com", None),
        ("https://evil.com／.example.com", None),
        ("https://exämple.com", None),
        ("https://example.com.", None),
        ("https://a..b", None),
        ("https://.example.com", None),
        ("http://[::1", None),
        ("http://[::1%25eth0]", None),
        ("http://[]", None),
    ],
)
def test_the_host_of_a_url_is_what_nobody_can_read_otherwise(url: str, host: str | None) -> None:
    assert host_of(url) == host


def test_a_long_url_is_judged_at_once() -> None:
    assert host_of("https://" + "a." * 500_000) is None
    assert host_of("https://a/" + "b" * 1_000_000 + " ") is None


@pytest.mark.parametrize(
    "entry",
    [
        *(
            "example.com",
            "EXAMPLE.com",
            "*.example.com",
            "localhost",
            "a_b.c-d",
            "10.0.0.1",
            "255.255.255.255",
            "1.example",
        ),
        *("[::]", "[::1]", "[1::]", "[1:2:3:4:5:6:7:8]", "[2001:db8::1]", "[::ffff:10.0.0.1]", "[1:2:3:4:5:6:1.2.3.4]"),
    ],
)
def test_a_host_may_be_a_name_an_address_or_all_below_a_name(entry: str) -> None:
    assert host_mistake(entry) is None


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("", "empty"),
        ("*.", "empty"),
        ("*", "only at the beginning"),
        ("*.*.example.com", "only at the beginning"),
        ("https://example.com", "scheme"),
        ("example.com/path", "path"),
        ("user@example.com", "user info"),
        ("example.com:443", "port"),
        ("::1", "IPv6 address without brackets"),
        ("example..com", "empty label"),
        ("example.com.", "empty label"),
        (".example.com", "empty label"),
        ("exam ple.com", "ASCII"),
        ("exämple.com", "ASCII"),
        ("example.com\n", "ASCII"),
        ("10.0.0.256", "IPv4"),
        ("10.0.1", "IPv4"),
        ("010.0.0.1", "IPv4"),
        ("*.0.0.1", "IPv4"),
        ("*.10.0.0.1", "IPv4"),
        ("[::1", "IPv6"),
        ("[]", "IPv6"),
        ("[1:2]", "IPv6"),
        ("[1:2:3:4:5:6:7:8:9]", "IPv6"),
        ("[1:2:3:4::5:6:7:8]", "IPv6"),
        ("[1::2::3]", "IPv6"),
        ("[12345::]", "IPv6"),
        ("[:1::]", "IPv6"),
        ("[::g]", "IPv6"),
        ("[::10.0.0.256]", "IPv6"),
        ("[10.0.0.1::]", "IPv6"),
        ("[10.0.0.1]", "IPv6"),
    ],
)
def test_what_is_wrong_with_a_host_is_said(entry: str, reason: str) -> None:
    assert reason in (host_mistake(entry) or "nothing")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("", "it is empty"),
        ("a" * 1025, "it is longer than 1,024 characters"),
        ("/a", "it is absolute"),
        (".//a", "it is absolute"),
        ("C:/a", "it is absolute"),
        ("./C:/a", "it is absolute"),
        ("a/", "it ends with `/`"),
        ("a//b", "it has an empty segment"),
        ("../*", "it has a `..` segment"),
        ("a/./b", "it has a `.` segment"),
        ("a\x00", "it has a control character"),
        ("a\\b", "it has a `\\`, which has no meaning here"),
        ("[ab]", "it has a `[`, which has no meaning here"),
        ("{a,b}", "it has a `{`, which has no meaning here"),
        ("!a", "it begins with `!`, which has no meaning here"),
        ("a/***/b", "it has a `***`, which has no meaning here"),
        ("a!b", None),
        ("./src/**", None),
    ],
)
def test_what_is_wrong_with_a_file_pattern_is_said(pattern: str, reason: str | None) -> None:
    assert glob_mistake(pattern) == reason


def globs(pattern: str, path: str) -> bool:
    return compile_pattern(glob_regex(pattern)).search(path.encode()) is not None


@pytest.mark.parametrize(
    ("pattern", "inside", "outside"),
    [
        ("src/**", ["src/a", "src/a/b", "src/.env"], ["src", "srcs/a", "a/src/b"]),
        ("**/.env", [".env", "a/.env", "a/b/.env"], ["x.env", "a/.env/b", ".envx"]),
        ("a/**/b", ["a/b", "a/x/b", "a/x/y/b"], ["ab", "a/xb"]),
        ("**", ["a", "a/b"], []),
        ("**/**", ["a", "a/b"], []),
        ("*", ["a", "ä😀"], ["a/b"]),
        ("a*b", ["ab", "axb"], ["a/b", "axbc"]),
        ("a?b", ["axb", "a😀b"], ["ab", "a/b", "axxb"]),
        ("src**", ["src", "srcs/a/b", "src/a"], ["a/src"]),
        ("**.py", ["a.py", "a/b.py"], ["a.pyc", "aXpy"]),
        ("x**/y", ["x/y", "xa/y", "xa/b/y"], ["xy"]),
        ("./a.+$(b)|^", ["a.+$(b)|^"], ["a"]),
        ("A", ["A"], ["a", "A/A"]),
    ],
)
def test_a_file_pattern_means_what_it_says(pattern: str, inside: list[str], outside: list[str]) -> None:
    assert glob_mistake(pattern) is None
    assert [path for path in inside + outside if globs(pattern, path)] == inside


def plainly_globs(pattern: str, path: str, begins: bool = True) -> bool:
    """One character of the pattern after another."""
    if not pattern:
        return not path
    if begins and pattern.startswith("**/") and plainly_globs(pattern[3:], path):
        return True
    if pattern[0] == "*":
        wide = pattern.startswith("**")
        longest = len(path) if wide else len(path.partition("/")[0])
        return any(plainly_globs(pattern[1 + wide :], path[used:], begins=False) for used in range(longest + 1))
    if not path or (path[0] == "/" if pattern[0] == "?" else path[0] != pattern[0]):
        return False
    return plainly_globs(pattern[1:], path[1:], begins=pattern[0] == "/")


@given(st.text("*?/ab.", max_size=8), st.text("/ab.", max_size=8))
def test_a_file_pattern_agrees_with_its_definition(pattern: str, path: str) -> None:
    if glob_mistake(pattern) is None and is_clean(path, absolute=False):
        assert (
            globs(pattern, path) is plainly_globs(pattern.removeprefix("./"), normal_path(path) or "")
            or path[:2] == "./"
        )


@pytest.mark.parametrize("pattern", ["?" * 1024, "*?" * 512, "**/" * 341, "ä" * 1024, "+" * 1024, "a*" * 512])
def test_the_longest_file_patterns_are_compiled(pattern: str) -> None:
    pattern = pattern.removesuffix("/")
    assert glob_mistake(pattern) is None
    assert globs(pattern, "b") is ("**" in pattern)
