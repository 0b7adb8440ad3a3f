"""What requests about tokens say, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints

from hexgate.platform.kit.forms import Form

__all__ = [
    "SCOPES",
    "AToken",
    "JsonWebKey",
    "JsonWebKeys",
    "NewToken",
    "NewUserToken",
    "ShownToken",
    "TokenScope",
    "ProjectTokens",
    "UserToken",
    "WhoAmI",
]

TokenScope = Literal["register", "read_policy", "emit_audit", "mint_user_token", "read_audit"]
SCOPES: tuple[TokenScope, ...] = ("register", "read_policy", "emit_audit", "mint_user_token", "read_audit")
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class NewToken(Form):
    """A token that is to be. Without `scopes` it may read policies, register agents and send what was decided."""

    name: Name
    env: Literal["live", "test"] = "live"
    scopes: list[TokenScope] = Field(["register", "read_policy", "emit_audit"], min_length=1, max_length=len(SCOPES))


class AToken(BaseModel):
    """A token, as it is known after it was shown once."""

    id: str
    name: str
    env: str
    scopes: list[str]
    masked: str
    created_by: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


class ShownToken(BaseModel):
    """A new token with its text, which is never shown again."""

    token: str
    details: AToken


class ProjectTokens(BaseModel):
    """Those of a project."""

    tokens: list[AToken]


class JsonWebKey(BaseModel):
    """A public key (RFC 8037)."""

    kty: Literal["OKP"] = "OKP"
    crv: Literal["Ed25519"] = "Ed25519"
    alg: Literal["EdDSA"] = "EdDSA"
    use: Literal["sig"] = "sig"
    kid: str
    x: str


class JsonWebKeys(BaseModel):
    """The keys whose signatures count; the last one signs."""

    keys: list[JsonWebKey]


class WhoAmI(BaseModel):
    """What a token is."""

    project: str
    env: str
    name: str
    token_id: str
    scopes: list[str]
    user_id: str | None
    roles: list[str]
    expires_at: datetime | None


class NewUserToken(Form):
    """Whom a token is to name, and for how long."""

    user_id: Annotated[str, Field(min_length=1, max_length=256)]
    roles: list[str] = Field(default_factory=list, max_length=32)
    session_id: Annotated[str | None, Field(max_length=256)] = None
    attributes: dict[str, Any] = Field(default_factory=dict)
    ttl_seconds: Annotated[int, Field(ge=1, le=86_400)] = 3600


class UserToken(BaseModel):
    """A token that names a caller, and can do less than the one that it was made of."""

    token: str
    expires_at: datetime
