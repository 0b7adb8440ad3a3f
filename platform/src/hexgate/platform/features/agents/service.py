"""The rules of agents: who registers, what is saved, and what is served.

# INVARIANT: what a person wrote is changed by persons alone; what is served was certified, and signed with a key that counts.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Any, Literal, TypeVar

import orjson
from anyio import to_thread

from hexgate.core.adapters.manifest import AgentManifest
from hexgate.core.bundle import Labels
from hexgate.core.errors import PolicyError
from hexgate.core.policy.fields import name_mistake
from hexgate.platform.features.agents.building import Builder, Built, Checked
from hexgate.platform.features.agents.starter import starter_policy
from hexgate.platform.features.agents.store import Agent, AgentStore, ManifestVersion, Revision, Serving, Summary
from hexgate.platform.features.bans.store import Ban, BanStore
from hexgate.platform.features.tokens.keystore import Keystore
from hexgate.platform.kit.database import Database
from hexgate.platform.kit.problems import Problem
from hexgate.platform.kit.rows import Clock
from hexgate.platform.kit.scopes import ProjectScope

__all__ = ["Agents", "Compared", "Served", "State"]

T = TypeVar("T")
State = Literal["created", "changed", "unchanged"]
LONGEST_NAME, MOST_AGENTS, MOST_TOOLS = 100, 500, 1000
MOST_ON_A_PAGE = 50
MOST_LINES_COMPARED = 5000
MOST_REMEMBERED = 1000


@dataclass(frozen=True)
class Served:
    """What a run begins with. `etag` names all of it: another policy or another ban is another tag."""

    serving: Serving
    bans: tuple[Ban, ...]

    @cached_property
    def etag(self) -> str:
        """The tag, as it stands in the header."""
        said = orjson.dumps([self.serving.digest, *([ban.kind, ban.name, ban.reason] for ban in self.bans)])
        return f'"{sha256(said).hexdigest()[:32]}"'


@dataclass(frozen=True, slots=True)
class Compared:
    """A revision with its text, and how it differs from another."""

    summary: Summary
    text: str
    against: int
    diff: str | None


class Agents:
    """Agents, their manifests and the revisions of their policies."""

    def __init__(self, database: Database, *, keystore: Keystore, builder: Builder, clock: Clock) -> None:
        self.database = database
        self.keystore = keystore
        self.builder = builder
        self.clock = clock
        self.remembered: dict[tuple[str, str, frozenset[str]], tuple[int, Served]] = {}

    async def register(self, scope: ProjectScope, author: str, manifest: AgentManifest) -> tuple[State, Agent]:
        """What an agent says of itself. One that was never here gets a policy to begin with."""
        check_manifest(manifest)
        # Not by orjson: a schema may name numbers of any length.
        said = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        version = ManifestVersion(
            agent_id="", version=1, hash=sha256(said.encode()).hexdigest(), manifest=said, created_at=self.clock()
        )
        async with self.database.reading() as session:
            known = await AgentStore(session).get(scope, manifest.name)
        if known is None:
            policy = starter_of(manifest)
            return "created", await self.add(scope, author, version, manifest.name, policy)
        return await self.say(scope, manifest.name, version)

    async def say(self, scope: ProjectScope, name: str, version: ManifestVersion) -> tuple[State, Agent]:
        """An agent that is known says something, the same or something else."""
        async with self.database.writing() as session:
            store = AgentStore(session)
            agent = await store.get(scope, name, hold=True)
            if agent is None:
                raise Problem("HX1007")
            if (await store.manifest(scope, agent)).hash == version.hash:
                return "unchanged", agent
            version.agent_id, version.version = agent.id, agent.manifest_version + 1
            await store.add_manifest(scope, agent, version)
            agent.manifest_version = version.version
        return "changed", agent

    async def add(self, scope: ProjectScope, author: str, version: ManifestVersion, name: str, policy: str) -> Agent:
        """An agent that was never here, with a policy."""
        labels = Labels(name, scope.project_id, 1)
        built = await self.builder.build(policy, labels, self.keystore.current, json.loads(version.manifest))
        now = self.clock()
        agent = Agent(project_id=scope.project_id, name=name, manifest_version=1, revision=1, created_at=now)
        version.agent_id = agent.id
        revision = self.revision_of(agent, 1, policy, built, author=author, message="the policy to begin with")
        async with self.database.writing() as session:
            store = AgentStore(session)
            if await store.count(scope) >= MOST_AGENTS:
                raise Problem("HX1205", f"a project has at most {MOST_AGENTS} agents")
            await store.add(scope, agent, version, revision)
        return agent

    async def all(self, scope: ProjectScope) -> list[tuple[Agent, Any]]:
        """All agents of a project."""
        async with self.database.reading() as session:
            return await AgentStore(session).all(scope)

    async def get(self, scope: ProjectScope, name: str) -> tuple[Agent, Mapping[str, Any], str]:
        """An agent with its manifest and its policy."""
        async with self.database.reading() as session:
            store = AgentStore(session)
            agent = known(await store.get(scope, name))
            manifest = json.loads((await store.manifest(scope, agent)).manifest)
            return agent, manifest, await store.text(scope, agent, agent.revision) or ""

    async def save(
        self, scope: ProjectScope, author: str, name: str, *, policy: str, message: str, expected: str | None
    ) -> tuple[int, Built]:
        """A policy counts from now on. `expected` is the tag of the one that it was made from."""
        agent, manifest, _ = await self.get(scope, name)
        refuse_other(agent.revision, expected)
        number = agent.revision + 1
        labels = Labels(name, scope.project_id, number)
        built = await self.builder.build(policy, labels, self.keystore.current, manifest)
        async with self.database.writing() as session:
            store = AgentStore(session)
            held = known(await store.get(scope, name, hold=True))
            refuse_other(held.revision, expected)
            if held.revision != agent.revision:
                raise Problem("HX1007")
            revision = self.revision_of(held, number, policy, built, author=author, message=message)
            await store.add_revision(scope, held, revision)
        return number, built

    async def restore(
        self, scope: ProjectScope, author: str, name: str, number: int, *, message: str, expected: str | None
    ) -> tuple[int, Built]:
        """An older policy counts again, as a new revision."""
        async with self.database.reading() as session:
            store = AgentStore(session)
            text = await store.text(scope, known(await store.get(scope, name)), number)
        if text is None:
            raise Problem("HX1004", "there is no such revision")
        words = f"restores revision {number}{': ' if message else ''}{message}"[:500]
        return await self.save(scope, author, name, policy=text, message=words, expected=expected)

    async def revisions(self, scope: ProjectScope, name: str, before: int | None) -> tuple[list[Summary], int | None]:
        """A page of revisions, newest first, and where the next one begins."""
        async with self.database.reading() as session:
            store = AgentStore(session)
            agent = known(await store.get(scope, name))
            found = await store.revisions(
                scope, agent, before=agent.revision + 1 if before is None else before, most=MOST_ON_A_PAGE
            )
        more = len(found) == MOST_ON_A_PAGE and found[-1].number > 1
        return found, found[-1].number if more else None

    async def revision(self, scope: ProjectScope, name: str, number: int, against: int | None) -> Compared:
        """A revision, compared with another, or with the one before it."""
        other = number - 1 if against is None else against
        async with self.database.reading() as session:
            store = AgentStore(session)
            agent = known(await store.get(scope, name))
            summary, text = await store.revision(scope, agent, number), await store.text(scope, agent, number)
            before = await store.text(scope, agent, other) if other else ""
        if summary is None or text is None or before is None:
            raise Problem("HX1004", "there is no such revision")
        diff = await to_thread.run_sync(difference, before, text, other, number)
        return Compared(summary, text, other, diff)

    async def check(self, scope: ProjectScope, name: str, policy: str) -> Checked:
        """What there is to say about a policy that nobody saves."""
        _, manifest, _ = await self.get(scope, name)
        return await self.builder.check(policy, manifest)

    async def served(self, scope: ProjectScope, name: str, stamp: int) -> Served:
        """What names that with which a run begins. It is looked up again when the project has another stamp, or keys are others."""
        trusted = frozenset(known.public.key_id for known in self.keystore.trusted)
        known_as = scope.project_id, name, trusted
        remembered = self.remembered.get(known_as)
        if remembered is not None and remembered[0] == stamp:
            return remembered[1]
        served = await self.looked_up(scope, name, trusted)
        if len(self.remembered) >= MOST_REMEMBERED:
            self.remembered.pop(next(iter(self.remembered)))
        self.remembered[known_as] = stamp, served
        return served

    async def looked_up(self, scope: ProjectScope, name: str, trusted: frozenset[str]) -> Served:
        """The same, from the database; a bundle whose key has retired is signed anew."""
        async with self.database.reading() as session:
            serving = known(await AgentStore(session).serving(scope, name))
            bans = await BanStore(session).active(scope)
        if serving.key_id not in trusted:
            return Served(await self.sign_again(scope, name), tuple(bans))
        return Served(serving, tuple(bans))

    async def files(self, scope: ProjectScope, served: Served) -> bytes:
        """The parts of a bundle."""
        async with self.database.reading() as session:
            return await AgentStore(session).bundle(scope, served.serving)

    async def sign_again(self, scope: ProjectScope, name: str) -> Serving:
        """A bundle whose key has retired is built anew with the one that signs now."""
        agent, manifest, policy = await self.get(scope, name)
        labels = Labels(name, scope.project_id, agent.revision)
        built = await self.builder.build(policy, labels, self.keystore.current, manifest)
        revision = self.revision_of(agent, agent.revision, policy, built, author="", message="")
        async with self.database.writing() as session:
            store = AgentStore(session)
            await store.sign_again(scope, revision)
            return known(await store.serving(scope, name))

    def revision_of(self, agent: Agent, number: int, text: str, built: Built, *, author: str, message: str) -> Revision:
        """What is stored of a policy."""
        return Revision(
            agent_id=agent.id,
            number=number,
            text=text,
            meaning=built.meaning,
            bundle=built.parts,
            digest=built.digest,
            key_id=built.key_id,
            author=author,
            message=message,
            created_at=self.clock(),
        )


def known(found: T | None) -> T:
    """What is there, or the problem that it is not."""
    if found is None:
        raise Problem("HX1004", "there is no such agent")
    return found


def refuse_other(revision: int, expected: str | None) -> None:
    """Refuses to overwrite what its author has not seen."""
    if expected is not None and expected.strip() not in {"*", f'"{revision}"'}:
        raise Problem("HX1502", f"the policy is at revision {revision} now")


def check_manifest(manifest: AgentManifest) -> None:
    """Refuses a manifest whose agent could not be addressed, or that has more than a policy could be written for."""
    wrong = name_mistake(manifest.name)
    if wrong is not None or "/" in manifest.name or len(manifest.name) > LONGEST_NAME:
        raise Problem("HX1504", f"the name of the agent {wrong or 'holds a `/` or is too long'}")
    if len(manifest.tools) > MOST_TOOLS:
        raise Problem("HX1504", f"an agent has at most {MOST_TOOLS:,} tools")
    names = [tool.name for tool in manifest.tools]
    if len(set(names)) < len(names):
        raise Problem("HX1504", "two tools have the same name")


def starter_of(manifest: AgentManifest) -> str:
    """The policy to begin with."""
    try:
        return starter_policy(tool.name for tool in manifest.tools).to_yaml()
    except PolicyError as error:
        raise Problem("HX1504", mistakes=[mistake.as_dict() for mistake in error.mistakes]) from None


def difference(before: str, after: str, old: int, new: int) -> str | None:
    """The lines that differ; None where there are too many to compare in good time."""
    lines = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if max(map(len, lines)) > MOST_LINES_COMPARED:
        return None
    return "".join(difflib.unified_diff(*lines, f"revision {old}", f"revision {new}"))
