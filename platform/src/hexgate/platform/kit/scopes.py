"""Whose things a store may touch. Every method of a store takes one of these first, so none can forget whose data it reads.

# INVARIANT: a scope of an organization or a project is made where access to it was checked, and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

__all__ = ["INSTALLATION", "AccountScope", "InstallationScope", "OrganizationScope", "ProjectScope", "Rank"]


class Rank(IntEnum):
    """What a member of an organization is; who is more may do all that who is less may do."""

    MEMBER = 1
    ADMIN = 2
    OWNER = 3


@dataclass(frozen=True, slots=True)
class InstallationScope:
    """The whole platform: for what has no owner yet, as the account that belongs to an address."""


INSTALLATION = InstallationScope()


@dataclass(frozen=True, slots=True)
class AccountScope:
    """What belongs to one person."""

    account_id: str


@dataclass(frozen=True, slots=True)
class OrganizationScope:
    """What belongs to one organization."""

    organization_id: str


@dataclass(frozen=True, slots=True)
class ProjectScope:
    """What belongs to one project."""

    organization_id: str
    project_id: str
