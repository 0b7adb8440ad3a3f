"""A path in, the program that stands there now out: a YAML file, a directory of role files, or a bundle.

What stands at a path may be replaced by something of another kind, so the kind is looked at each time.
"""

from __future__ import annotations

from dataclasses import dataclass

from hexgate.core.errors import BundleError, HexgateError, KeyFileError, PolicyError
from hexgate.core.program import compile_policy
from hexgate.core.sources.bundle import read_bundle_directory
from hexgate.core.sources.directory import read_directory
from hexgate.core.sources.protocol import Loaded
from hexgate.core.sources.snapshot import Snapshot, Survey, take
from hexgate.core.sources.terms import Terms
from hexgate.core.sources.vouching import vouched
from hexgate.core.sources.yaml import read_yaml

__all__ = ["PathSource"]


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """What was found at a look, with what keys, and what came of it. It is `settled` when an equal look means the same again.

    # INVARIANT: only what comes of the content is held against it. A failure of the world, such as a key that could not be opened
    # for want of descriptors, is forgotten: the next look finds out anew.
    """

    survey: Survey
    keys: tuple[Survey, ...]
    digest: str
    settled: bool
    outcome: Loaded | HexgateError

    def is_of(self, digest: str, keys: tuple[Survey, ...]) -> bool:
        """Whether the same would come of content of this digest."""
        return self.lasts and self.digest == digest and self.keys == keys

    @property
    def lasts(self) -> bool:
        """Whether it came of the content alone: a program, a mistake in it, or terms that it does not meet."""
        outcome = self.outcome
        return isinstance(outcome, Loaded | PolicyError | BundleError) and not isinstance(outcome, KeyFileError)


class PathSource:
    """Reads a path again when what stands there has changed, or a key has."""

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
        return self.held.digest if self.held else ""

    def unchanged(self) -> bool:
        """Whether what stands there can only be what was read last."""
        held = self.held
        return (
            held is not None
            and held.settled
            and held.lasts
            and Survey.of(self.path) == held.survey
            and self.keys() == held.keys
        )

    def load(self) -> Loaded:
        """The program that stands there now, the same object while the content is the same; or every mistake of it."""
        keys = self.keys()
        taken = take(self.path, self.held.survey if self.held else None)
        known = next((held for held in (self.held, self.good) if held and held.is_of(taken.digest, keys)), None)
        outcome = self.outcome(taken) if known is None else known.outcome
        self.held = Held(taken.survey, keys, taken.digest, taken.settled, outcome)
        if isinstance(outcome, HexgateError):
            # The same error may be raised many times, and each time would lengthen its traceback.
            raise outcome.with_traceback(None)
        self.good = self.held
        self.terms = self.terms.after(outcome)
        return outcome

    def keys(self) -> tuple[Survey, ...]:
        """How the files of the keys look."""
        settings = self.terms.settings
        named = (*settings.public_keys, *([settings.sign_key] if settings.sign_key else []))
        return tuple(Survey.of(key) for key in named)

    def outcome(self, taken: Snapshot) -> Loaded | HexgateError:
        """What a snapshot comes to."""
        try:
            return self.read(taken)
        except HexgateError as error:
            return error

    def read(self, taken: Snapshot) -> Loaded:
        """The program of a snapshot."""
        if taken.survey.kind == "bundle":
            return read_bundle_directory(self.path, taken, self.terms)
        key_id, warnings = vouched(self.path, self.terms)
        policy = read_directory(taken) if taken.survey.kind == "directory" else read_yaml(taken)
        return Loaded(compile_policy(policy), self.path, signed_by=key_id, warnings=warnings)
