"""A request in, the project whose record it may read out, or a refusal: a member with a session, or a program with a token."""

# Not `from __future__ import annotations`: what FastAPI calls here is an instance, whose words older releases cannot look up.

from typing import Annotated

from fastapi import Depends, Path

from hexgate.platform.features.accounts.access import OptionalSeat
from hexgate.platform.features.organizations.service import Organizations
from hexgate.platform.features.tokens.access import OptionalBearer
from hexgate.platform.kit.parts import the
from hexgate.platform.kit.problems import Problem
from hexgate.platform.kit.scopes import ProjectScope, Rank

__all__ = ["Readable", "ReadsRecord"]


class ReadsRecord:
    """Lets in who has this rank in the project of the address, or a token of it that may read the record."""

    def __init__(self, rank: Rank) -> None:
        self.rank = rank

    async def __call__(
        self,
        project_id: Annotated[str, Path(max_length=64)],
        bearer: OptionalBearer,
        seat: OptionalSeat,
        organizations: Annotated[Organizations, the(Organizations)],
    ) -> ProjectScope:
        if bearer is not None:
            bearer.must("read_audit")
            if bearer.scope.project_id != project_id:
                raise Problem("HX1004")
            return bearer.scope
        if seat is None:
            raise Problem("HX1101")
        return (await organizations.project_place(seat, project_id, self.rank)).scope


Readable = Annotated[ProjectScope, Depends(ReadsRecord(Rank.MEMBER))]
