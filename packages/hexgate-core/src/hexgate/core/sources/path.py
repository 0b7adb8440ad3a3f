"""A path in, the program that stands there now out: a YAML file, a directory of role files, or a bundle.

What stands at a path may be replaced by something of another kind, so the kind is looked at each time.
"""

from __future__ import annotations

from dataclasses import dataclass

from hexgate.core.errors import HexgateError, Mistake, PolicyError
from hexgate.core.program import compile_policy
from hexgate.core.sources.directory import read_directory
from hexgate.core.sources.protocol import Loaded
from hexgate.core.sources.settings import REQUIRE_SIGNATURE
from hexgate.core.sources.snapshot import Snapshot, Survey, take
from hexgate.core.sources.terms import Terms
from hexgate.core.sources.yaml import read_yaml
from hexgate.core.text.render import visible

__all__ = ["PathSource"]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What was found at the last look, and what came of it."""

    taken: Snapshot
    outcome: Loaded | HexgateError


class PathSource:
    """Reads a path again when what stands there has changed."""

    __slots__ = ("good", "held", "path", "terms")

    def __init__(self, path: str, terms: Terms) -> None:
        self.path, self.terms = path, terms
        self.held: Held | None = None
        self.good: Held | None = None

    @property
    def origin(self) -> str:
        """The path as it was given."""
        return self.path

    @property
    def content(self) -> str:
        """The digest of what was read last."""
        return self.held.taken.digest if self.held else ""

    def unchanged(self) -> bool:
        """Whether what stands there can only be what was read last."""
        held = self.held
        return held is not None and held.taken.settled and Survey.of(self.path) == held.taken.survey

    def load(self) -> Loaded:
        """The program that stands there now, the same object while the content is the same; or every mistake of it."""
        taken = take(self.path, self.held.taken.survey if self.held else None)
        known = next((held for held in (self.held, self.good) if held and held.taken.digest == taken.digest), None)
        outcome = self.outcome(taken) if known is None else known.outcome
        self.held = Held(taken, outcome)
        if isinstance(outcome, HexgateError):
            # The same error may be raised many times, and each time would lengthen its traceback.
            raise outcome.with_traceback(None)
        self.good = self.held
        return outcome

    def outcome(self, taken: Snapshot) -> Loaded | HexgateError:
        """What a snapshot comes to."""
        try:
            return self.read(taken)
        except HexgateError as error:
            return error

    def read(self, taken: Snapshot) -> Loaded:
        """The program of a snapshot."""
        if self.terms.settings.require_signature:
            raise unsigned(self.path)
        policy = read_directory(taken) if taken.survey.kind == "directory" else read_yaml(taken)
        return Loaded(compile_policy(policy), self.path)


def unsigned(path: str) -> PolicyError:
    """The mistake of a policy that carries no signature where one is required."""
    message = f"`{visible(path)}` carries no signature, and `{REQUIRE_SIGNATURE}` is on"
    return PolicyError([Mistake("HX722", message, "build a signed bundle of it, and name the bundle instead")])
