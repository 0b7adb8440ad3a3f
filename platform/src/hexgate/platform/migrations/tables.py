"""Every table of this release; to import this is to know them all."""

from hexgate.platform.features.accounts.store import Account, Errand, Session
from hexgate.platform.features.agents.store import Agent, ManifestVersion, Revision
from hexgate.platform.features.bans.store import Ban
from hexgate.platform.features.organizations.store import Invitation, Member, Organization, Project
from hexgate.platform.features.tokens.store import ApiToken
from hexgate.platform.kit.guesses import Guess
from hexgate.platform.kit.rows import METADATA

__all__ = ["METADATA", "TABLES"]

TABLES = (
    *(Account, Agent, ApiToken, Ban, Errand, Guess, Invitation, ManifestVersion),
    *(Member, Organization, Project, Revision, Session),
)
