"""On what terms a program is taken: for which agent, who has to vouch for it, and what it must not fall behind."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hexgate.core.sources.protocol import Loaded
from hexgate.core.sources.settings import Settings

__all__ = ["Terms"]


@dataclass(frozen=True, slots=True)
class Terms:
    """The agent and the project that a program must be meant for, what the environment demands, and what was taken before.

    # INVARIANT: terms only become stricter: after a signed program no unsigned one is taken, and after a revision no older one.
    """

    agent: str | None
    project: str | None
    settings: Settings
    revision: int | None = None
    after_signed: bool = False

    @property
    def signature_is_required(self) -> bool:
        """Whether nothing is taken that nobody vouches for."""
        return self.settings.require_signature or self.after_signed

    def after(self, taken: Loaded) -> Terms:
        """The terms for what comes after this program."""
        revisions = [revision for revision in (self.revision, taken.revision) if revision is not None]
        return replace(
            self,
            revision=max(revisions, default=None),
            after_signed=self.after_signed or taken.signed_by is not None,
        )
