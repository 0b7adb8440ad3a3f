"""The bytes of `{stem}.bundle.json` in, a `Manifest` out, and back: JSON with sorted keys, two spaces deep, a newline at its end.

# INVARIANT: a manifest has one spelling. Bytes that read as a manifest are the bytes that it is written in, so that what is
signed, what is compared and what is understood are the same.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import sha256
from typing import Any, NoReturn

from hexgate.core.errors import BundleError
from hexgate.core.policy.fields import name_mistake
from hexgate.core.text import suggestion
from hexgate.core.text.render import shown, visible

__all__ = ["ENGINES", "LARGEST_MANIFEST", "STEM", "VERSION", "Labels", "Manifest"]

VERSION = 1
ENGINES = ("native", "wasm")
LARGEST_MANIFEST = 1024 * 1024
# Every number that JSON's other readers hold exactly.
HIGHEST_REVISION = 2**53 - 1
# The part of a file name before the suffix: nothing that leads elsewhere, hides, or differs between two file systems.
STEM = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,98}[A-Za-z0-9_-])?")
HASH = re.compile(r"[0-9a-f]{64}")
KEY_ID = re.compile(r"[A-Za-z0-9_-]{43}")
REBUILD = "build it again with `hexgate policy build`"


def refuse(message: str, *, help: str = REBUILD) -> NoReturn:
    """What is wrong with a manifest is told, and stops."""
    raise BundleError("HX705", message, help=help)


Rule = Callable[[Any], str | None]


def matching(pattern: re.Pattern[str], words: str, *, optional: bool = False) -> Rule:
    """A text of this form."""

    def mistake(value: Any) -> str | None:
        sound = (optional and value is None) or (isinstance(value, str) and pattern.fullmatch(value) is not None)
        return None if sound else f"is not {words}"

    return mistake


def label(value: Any) -> str | None:
    """A name that people can see and tell apart, or nothing."""
    if value is None:
        return None
    return name_mistake(value) if isinstance(value, str) else "is no text"


def counted(value: Any) -> str | None:
    """A revision, or nothing."""
    if value is None:
        return None
    sound = type(value) is int and 0 <= value <= HIGHEST_REVISION
    return None if sound else f"is no whole number from 0 to {HIGHEST_REVISION}"


KEYS: Mapping[str, Rule] = {
    "agent": label,
    "certificate": lambda value: None if value is None or isinstance(value, dict) else "is no object",
    "created_by": lambda value: label(value) if value is not None else "is no text",
    "engine": lambda value: None if value in ENGINES else f"is none of {' and '.join(ENGINES)}",
    "key_id": matching(KEY_ID, "the id of a key", optional=True),
    "project": label,
    "rego_hash": matching(HASH, "a sha256 in 64 hex digits"),
    "revision": counted,
    "source": matching(re.compile(rf"{STEM.pattern}\.yaml"), "the name of a .yaml file"),
    "source_hash": matching(HASH, "a sha256 in 64 hex digits"),
    "version": lambda value: None if value == VERSION and type(value) is int else f"is not {VERSION}",
    "wasm_hash": matching(HASH, "a sha256 in 64 hex digits", optional=True),
}


@dataclass(frozen=True, slots=True)
class Labels:
    """What a bundle is bound to. None binds it to nothing."""

    agent: str | None = None
    project: str | None = None
    revision: int | None = None

    def __post_init__(self) -> None:
        for key in ("agent", "project", "revision"):
            wrong = KEYS[key](getattr(self, key))
            if wrong is not None:
                refuse(f"`{key}` {wrong}", help="name it, or leave it out")


@dataclass(frozen=True)
class Manifest:
    """What a bundle says of itself: its parts by their hashes, what it is bound to, who made it, and how it was tried."""

    source: str
    source_hash: str
    rego_hash: str
    wasm_hash: str | None
    engine: str
    created_by: str
    labels: Labels = Labels()
    key_id: str | None = None
    certificate: Mapping[str, Any] | None = None

    @cached_property
    def data(self) -> bytes:
        """The manifest as it is written and signed."""
        return written(self.as_dict())

    @property
    def digest(self) -> str:
        """`sha256:` and the hash of the manifest, which names the whole bundle."""
        return f"sha256:{sha256(self.data).hexdigest()}"

    @property
    def stem(self) -> str:
        """What the names of all parts begin with."""
        return self.source.removesuffix(".yaml")

    @property
    def hashes(self) -> dict[str, str | None]:
        """The hash of each part by its suffix; None for a part that is not to be there."""
        return {".yaml": self.source_hash, ".rego": self.rego_hash, ".wasm": self.wasm_hash}

    def as_dict(self) -> dict[str, Any]:
        """The manifest as JSON knows it."""
        said = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "labels"}
        labels = {"agent": self.labels.agent, "project": self.labels.project, "revision": self.labels.revision}
        return dict(sorted({"version": VERSION, **said, **labels}.items()))

    @classmethod
    def from_bytes(cls, data: bytes, name: str = "<manifest>") -> Manifest:
        """The manifest of these bytes, or what is wrong with them. `name` is what messages call the file."""
        name = visible(name)
        value = parsed(data, name)
        refuse_keys(value, name)
        for key, mistake in KEYS.items():
            wrong = mistake(value[key])
            if wrong is not None:
                refuse(f"`{name}`: `{key}` {wrong}")
        with_module = {value["engine"] == "wasm", value["wasm_hash"] is not None, value["certificate"] is not None}
        if len(with_module) > 1:
            refuse(f"`{name}`: `engine`, `wasm_hash` and `certificate` contradict one another")
        if written(value) != data:
            refuse(f"`{name}` is not spelled as a manifest is: sorted keys, two spaces, a newline at its end")
        rest = {key: value[key] for key in value if key not in {"version", "agent", "project", "revision"}}
        return cls(**rest, labels=Labels(value["agent"], value["project"], value["revision"]))


def written(value: Mapping[str, Any]) -> bytes:
    """The one spelling of a manifest."""
    return f"{json.dumps(value, indent=2, sort_keys=True)}\n".encode()


def parsed(data: bytes, name: str) -> dict[str, Any]:
    """The object that the bytes are."""

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            refuse(f"`{name}` says a key twice")
        return found

    def constant(word: str) -> NoReturn:
        refuse(f"`{name}` holds `{word}`, which is no JSON")

    try:
        value = json.loads(data.decode("ascii"), object_pairs_hook=pairs, parse_constant=constant)
    except (ValueError, RecursionError):
        # Not ASCII, not JSON, digits or levels without end: no manifest is written so.
        refuse(f"`{name}` is not JSON as a manifest is written")
    if not isinstance(value, dict):
        refuse(f"`{name}` is no JSON object")
    return value


def refuse_keys(value: Mapping[str, Any], name: str) -> None:
    """Refuses another version, and a key that is unknown or missing."""
    if KEYS["version"](value.get("version")):
        help = f"{REBUILD}, or read it with the Hexgate that built it"
        refuse(f"`{name}` is no manifest of version {VERSION}, the only one there is", help=help)
    for key in value:
        if key not in KEYS:
            refuse(f"`{name}` has an unknown key `{shown(key)}`", help=suggestion(key, KEYS) or REBUILD)
    for key in KEYS:
        if key not in value:
            help = f"{REBUILD}; bundles of releases before 0.2.0 say less and are not read"
            refuse(f"`{name}` has no `{key}`", help=help)
