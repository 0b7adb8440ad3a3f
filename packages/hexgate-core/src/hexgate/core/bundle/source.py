"""The path of a policy in, the one YAML text that a bundle holds of it out.

A file is taken byte for byte, with its comments and its lines. A directory becomes one document with all of its roles inline.

# INVARIANT: the text means what was at the path, and nothing in it depends on where that is.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from hexgate.core.bundle.manifest import STEM
from hexgate.core.errors import BundleError, PolicyError
from hexgate.core.policy import Policy
from hexgate.core.policy.nodes import LARGEST_DOCUMENT, read_source
from hexgate.core.policy.policy import unreadable
from hexgate.core.program import Program, compile_policy
from hexgate.core.text.render import shown

__all__ = ["PolicyText", "read_policy_text"]

SUFFIXES = (".yaml", ".yml")
STDIN = "policy"


@dataclass(frozen=True, slots=True)
class PolicyText:
    """A policy as the YAML part of a bundle: its stem, its bytes, and what they mean."""

    stem: str
    data: bytes
    policy: Policy
    program: Program

    @classmethod
    def from_bytes(cls, data: bytes, stem: str, name: str | None = None) -> PolicyText:
        """The text of these bytes. Its places are named after the part, wherever the bundle lies, or as it is said here."""
        source = read_source(name or f"{stem}.yaml", data)
        policy = Policy.from_text(source.text, source.name)
        return cls(stem, data, policy, compile_policy(policy))

    @classmethod
    def from_policy(cls, policy: Policy, stem: str) -> PolicyText:
        """The text of a policy that has none of its own."""
        text = cls.from_bytes(policy.to_yaml().encode(), stem)
        meant = compile_policy(policy).digest
        if text.program.digest != meant:
            message = f"the policy cannot be written as one document: it would mean {text.program.digest}, not {meant}"
            raise BundleError("HX700", message, help="please report it, with the policy")
        return text


def read_policy_text(path: str | Path) -> PolicyText:
    """The text of the policy at a path: a file, a directory of role files, or standard input (`-`)."""
    stem = stem_of(path)
    if Path(path).is_dir():
        return PolicyText.from_policy(Policy.load(path), stem)
    data = sys.stdin.buffer.read(LARGEST_DOCUMENT + 1) if str(path) == "-" else bytes_of(Path(path))
    try:
        return PolicyText.from_bytes(data, stem)
    except PolicyError:
        # The same mistakes, with the path that the author knows.
        return PolicyText.from_bytes(data, stem, "<stdin>" if str(path) == "-" else str(path))


def stem_of(path: str | Path) -> str:
    """What the parts are named after."""
    if str(path) == "-":
        return STDIN
    name = Path(path).resolve().name
    stem = name.removesuffix(Path(name).suffix) if name.endswith(SUFFIXES) else name
    if STEM.fullmatch(stem) is None:
        help = "use at most 100 letters, digits, `.`, `-` and `_`, the first of them no `.` and no `-`"
        raise BundleError("HX700", f"the files of a bundle cannot be named after `{shown(name)}`", help=help)
    return stem


def bytes_of(path: Path) -> bytes:
    """What the file of a policy holds, or enough of it to see that it is too large."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_DOCUMENT + 1)
    except OSError as error:
        raise unreadable(path, error) from None
