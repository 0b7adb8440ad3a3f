"""What requests about agents and policies say, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from hexgate.core.adapters.manifest import AgentManifest
from hexgate.platform.features.agents.building import LARGEST_POLICY
from hexgate.platform.kit.forms import Form

__all__ = [
    "ARevision",
    "AnAgent",
    "AgentList",
    "Checking",
    "NewAgent",
    "NewPolicy",
    "Registered",
    "Restore",
    "Revisions",
    "Saved",
    "ServedBan",
    "ServedBundle",
    "TheAgent",
    "TheRevision",
    "Valid",
]

PolicyYaml = Annotated[str, Field(max_length=LARGEST_POLICY)]
Message = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class NewAgent(Form):
    """What an agent says of itself."""

    manifest: AgentManifest


class Registered(BaseModel):
    """What became of it: a policy is written only for an agent that was never here, and never touched again."""

    name: str
    project: str
    state: Literal["created", "changed", "unchanged"]
    manifest_version: int
    revision: int


class AnAgent(BaseModel):
    """An agent in a list."""

    name: str
    manifest_version: int
    revision: int
    created_at: datetime
    saved_at: datetime


class AgentList(BaseModel):
    """Those of a project, by name."""

    agents: list[AnAgent]


class TheAgent(BaseModel):
    """One agent with its manifest, and the policy that counts."""

    name: str
    manifest_version: int
    manifest: dict[str, Any]
    revision: int
    policy: str


class NewPolicy(Form):
    """A policy that is to count from now on, and why."""

    policy: PolicyYaml
    message: Message = ""


class Restore(Form):
    """Why an older policy is to count again."""

    message: Message = ""


class Saved(BaseModel):
    """The revision that counts now, with what the linter has to say, and how its bundle was tried on both engines."""

    revision: int
    digest: str
    findings: list[dict[str, Any]]
    certificate: dict[str, Any]


class ARevision(BaseModel):
    """A policy as it was saved once. `meaning` is the same for two texts that mean the same."""

    number: int
    author: str
    message: str
    created_at: datetime
    meaning: str
    digest: str


class Revisions(BaseModel):
    """The newest ones below `before`; `next` is the `before` of the next page."""

    revisions: list[ARevision]
    next: int | None


class TheRevision(ARevision):
    """One revision with its policy, and how it differs from another; null where that is too much to compare."""

    policy: str
    against: int
    diff: str | None


class Checking(Form):
    """A policy that nobody saves."""

    policy: PolicyYaml


class Valid(BaseModel):
    """Everything that is wrong with a policy, what it hardly means, and how both engines answer it."""

    valid: bool
    mistakes: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    certificate: dict[str, Any] | None
    meaning: str | None


class ServedBan(BaseModel):
    """Who may do nothing."""

    kind: str
    name: str
    reason: str


class ServedBundle(BaseModel):
    """What a run begins with: the bundle, each part in base64, and who is banned."""

    agent: str
    project: str
    revision: int
    digest: str
    files: dict[str, str]
    bans: list[ServedBan]
