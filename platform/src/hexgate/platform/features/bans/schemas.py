"""What requests about bans say, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, StringConstraints

from hexgate.platform.kit.forms import Form

__all__ = ["ABan", "BanKind", "Bans", "NewBan"]

BanKind = Literal["agent", "user"]


class NewBan(Form):
    """Who is to do nothing, and why. The reason is for people who look at the ban; no model is told it."""

    kind: BanKind
    name: Annotated[str, StringConstraints(min_length=1, max_length=256)]
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""


class ABan(BaseModel):
    """A ban, with who set it and who lifted it."""

    id: str
    kind: str
    name: str
    reason: str
    banned_by: str
    banned_at: datetime
    lifted_by: str | None
    lifted_at: datetime | None


class Bans(BaseModel):
    """The newest bans, those that were lifted as well."""

    bans: list[ABan]
