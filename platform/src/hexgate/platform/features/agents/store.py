"""The tables of agents, their manifests and the revisions of their policies, and all SQL on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, LargeBinary, Text, UniqueConstraint, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import Field, col

from hexgate.platform.features.organizations.store import stamped
from hexgate.platform.kit.rows import Moment, Row, new_id
from hexgate.platform.kit.scopes import ProjectScope

__all__ = ["Agent", "AgentStore", "ManifestVersion", "Revision", "Serving", "Summary"]


class Agent(Row, table=True):
    """An agent of a project: which manifest and which revision of its policy count."""

    __table_args__ = (UniqueConstraint("project_id", "name"),)

    id: str = Field(default_factory=lambda: new_id("agt"), primary_key=True, max_length=32)
    project_id: str = Field(foreign_key="project.id", ondelete="CASCADE", index=True, max_length=40)
    name: str = Field(max_length=100)
    manifest_version: int
    revision: int
    created_at: datetime = Field(sa_type=Moment)


class ManifestVersion(Row, table=True):
    """What an agent said of itself at one time."""

    agent_id: str = Field(foreign_key="agent.id", ondelete="CASCADE", primary_key=True, max_length=32)
    version: int = Field(primary_key=True)
    hash: str = Field(max_length=64)
    manifest: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)


class Revision(Row, table=True):
    """A policy as it was saved once, with the bundle that was built of it."""

    agent_id: str = Field(foreign_key="agent.id", ondelete="CASCADE", primary_key=True, max_length=32)
    number: int = Field(primary_key=True)
    text: str = Field(sa_type=Text)
    meaning: str = Field(max_length=80)
    bundle: bytes = Field(sa_type=LargeBinary)
    digest: str = Field(max_length=80)
    key_id: str = Field(max_length=64)
    author: str = Field(max_length=254)
    message: str = Field(max_length=500)
    created_at: datetime = Field(sa_type=Moment)


@dataclass(frozen=True, slots=True)
class Serving:
    """What is asked for at the start of each run, without the bundle itself."""

    agent_id: str
    revision: int
    digest: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A revision without its text and its bundle, which are large."""

    number: int
    meaning: str
    digest: str
    author: str
    message: str
    created_at: datetime


SUMMARY = (
    col(Revision.number),
    col(Revision.meaning),
    col(Revision.digest),
    col(Revision.author),
    col(Revision.message),
    col(Revision.created_at),
)


class AgentStore:
    """Agents of projects."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def get(self, scope: ProjectScope, name: str, *, hold: bool = False) -> Agent | None:
        """An agent by its name. With `hold`, no other transaction changes it until this one is over."""
        wanted = select(Agent).where(col(Agent.project_id) == scope.project_id, col(Agent.name) == name)
        return await self.session.scalar(wanted.with_for_update() if hold else wanted)

    async def all(self, scope: ProjectScope) -> list[tuple[Agent, datetime]]:
        """All agents with when their policies were saved last."""
        wanted = (
            select(Agent, col(Revision.created_at))
            .join(Revision, (col(Revision.agent_id) == col(Agent.id)) & (col(Revision.number) == col(Agent.revision)))
            .where(col(Agent.project_id) == scope.project_id)
            .order_by(col(Agent.name))
        )
        return [(row[0], row[1]) for row in await self.session.execute(wanted)]

    async def count(self, scope: ProjectScope) -> int:
        """How many there are."""
        wanted = select(func.count()).where(col(Agent.project_id) == scope.project_id)
        return int(await self.session.scalar(wanted) or 0)

    async def add(self, scope: ProjectScope, agent: Agent, manifest: ManifestVersion, revision: Revision) -> None:
        """A new agent."""
        agent.project_id = scope.project_id
        self.session.add(agent)
        await self.session.flush()
        self.session.add_all([manifest, revision])
        await self.session.flush()
        await stamped(self.session, scope)

    async def manifest(self, scope: ProjectScope, agent: Agent) -> ManifestVersion:
        """What the agent says of itself now."""
        wanted = (
            select(ManifestVersion)
            .join(Agent, col(Agent.id) == col(ManifestVersion.agent_id))
            .where(
                col(Agent.project_id) == scope.project_id,
                col(ManifestVersion.agent_id) == agent.id,
                col(ManifestVersion.version) == agent.manifest_version,
            )
        )
        return (await self.session.scalars(wanted)).one()

    async def add_manifest(self, scope: ProjectScope, agent: Agent, manifest: ManifestVersion) -> None:
        """The agent says something else of itself."""
        self.session.add(manifest)
        await self.session.execute(
            update(Agent)
            .where(col(Agent.project_id) == scope.project_id, col(Agent.id) == agent.id)
            .values(manifest_version=manifest.version)
        )

    async def add_revision(self, scope: ProjectScope, agent: Agent, revision: Revision) -> None:
        """Another policy counts from now on."""
        self.session.add(revision)
        await self.session.flush()
        await self.session.execute(
            update(Agent)
            .where(col(Agent.project_id) == scope.project_id, col(Agent.id) == agent.id)
            .values(revision=revision.number)
        )
        await stamped(self.session, scope)

    async def revision(self, scope: ProjectScope, agent: Agent, number: int) -> Summary | None:
        """One revision."""
        wanted = select(*SUMMARY).where(*of_agent(scope, agent.id), col(Revision.number) == number)
        found = (await self.session.execute(wanted)).first()
        return None if found is None else Summary(*found)

    async def text(self, scope: ProjectScope, agent: Agent, number: int) -> str | None:
        """The policy of a revision."""
        wanted = select(col(Revision.text)).where(*of_agent(scope, agent.id), col(Revision.number) == number)
        return await self.session.scalar(wanted)

    async def revisions(self, scope: ProjectScope, agent: Agent, *, before: int, most: int) -> list[Summary]:
        """The revisions below a number, newest first."""
        wanted = (
            select(*SUMMARY)
            .where(*of_agent(scope, agent.id), col(Revision.number) < before)
            .order_by(col(Revision.number).desc())
            .limit(most)
        )
        return [Summary(*row) for row in await self.session.execute(wanted)]

    async def serving(self, scope: ProjectScope, name: str) -> Serving | None:
        """What names the bundle that counts."""
        wanted = (
            select(col(Agent.id), col(Agent.revision), col(Revision.digest), col(Revision.key_id))
            .join(Revision, (col(Revision.agent_id) == col(Agent.id)) & (col(Revision.number) == col(Agent.revision)))
            .where(col(Agent.project_id) == scope.project_id, col(Agent.name) == name)
        )
        found = (await self.session.execute(wanted)).first()
        return None if found is None else Serving(*found)

    async def bundle(self, scope: ProjectScope, serving: Serving) -> bytes:
        """The parts of a bundle."""
        wanted = select(col(Revision.bundle)).where(
            *of_agent(scope, serving.agent_id), col(Revision.number) == serving.revision
        )
        return (await self.session.scalars(wanted)).one()

    async def sign_again(self, scope: ProjectScope, revision: Revision) -> None:
        """The same revision with a bundle that another key has signed."""
        await self.session.execute(
            update(Revision)
            .where(*of_agent(scope, revision.agent_id), col(Revision.number) == revision.number)
            .values(bundle=revision.bundle, digest=revision.digest, key_id=revision.key_id)
        )
        await stamped(self.session, scope)


def of_agent(scope: ProjectScope, agent_id: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The revisions of an agent, if it is one of this project."""
    mine = select(col(Agent.id)).where(col(Agent.project_id) == scope.project_id)
    return col(Revision.agent_id) == agent_id, col(Revision.agent_id).in_(mine)
