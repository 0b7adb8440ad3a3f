"""The environment in, the settings of the platform out, all of them in one frozen object.

# INVARIANT: a value that is wrong or half there stops the start and is named; none is replaced by a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

__all__ = ["Settings", "SettingsError"]

DATABASES = ("sqlite", "postgres", "postgresql")
STORES = ("chdb", "http", "https")


class SettingsError(Exception):
    """Variables of the environment that the platform cannot start with, all of them."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(["the platform cannot start with these settings:", *(f"  {m}" for m in mistakes)]))
        self.mistakes = mistakes


def of_kinds(*kinds: str) -> AfterValidator:
    """An address that begins with one of these."""

    def check(url: str) -> str:
        if url and urlsplit(url).scheme.split("+")[0] not in kinds:
            raise ValueError(f"it must begin with one of {', '.join(f'`{kind}://`' for kind in kinds)}")
        return url

    return AfterValidator(check)


def without_end(url: str) -> str:
    """An address to which paths are added."""
    return url.rstrip("/")


class Settings(BaseModel):
    """What is set by the environment; the alias of a field is the name of its variable."""

    model_config = ConfigDict(frozen=True, extra="ignore", str_strip_whitespace=True)

    folder: Path = Field(
        Path.home() / ".local/share/hexgate/platform",
        alias="HEXGATE_PLATFORM_DIR",
        description="the folder of the keys, and of both stores where nothing else is said",
    )
    database_url: Annotated[str, of_kinds(*DATABASES)] = Field(
        "",
        alias="DATABASE_URL",
        description="the store of accounts and policies: `sqlite:///PATH` or `postgresql://USER:PASSWORD@HOST/NAME`",
    )
    clickhouse_url: Annotated[str, of_kinds(*STORES)] = Field(
        "",
        alias="HEXGATE_CLICKHOUSE_URL",
        description="the store of the record: `chdb:///PATH` within the process, or `https://USER:PASSWORD@HOST:8443/NAME`",
    )
    clickhouse_cluster: str = Field(
        "",
        alias="HEXGATE_CLICKHOUSE_CLUSTER",
        pattern=r"^[A-Za-z0-9_-]{0,64}$",
        description="the cluster on which the tables of the record are made, with copies",
    )
    public_url: Annotated[str, of_kinds("http", "https"), AfterValidator(without_end)] = Field(
        "http://127.0.0.1:8000",
        alias="HEXGATE_PUBLIC_URL",
        description="the address that stands in letters; with `https` cookies are kept to TLS",
    )
    registration: Literal["open", "invited"] = Field(
        "open", alias="HEXGATE_REGISTRATION", description="`open`, or `invited`: new accounts by invitation only"
    )
    admin_email: str = Field(
        "admin@localhost",
        alias="HEXGATE_ADMIN_EMAIL",
        min_length=3,
        max_length=254,
        description="the address of the account that is made at the first start",
    )
    resend_api_key: str = Field(
        "",
        alias="RESEND_API_KEY",
        repr=False,
        description="the key with which letters are sent by Resend; needs `HEXGATE_EMAIL_FROM`",
    )
    resend_url: str = Field("https://api.resend.com", alias="RESEND_BASE_URL", description="where Resend is asked")
    email_from: str = Field(
        "",
        alias="HEXGATE_EMAIL_FROM",
        description="who letters are from; needs `RESEND_API_KEY`, and without both letters go to stderr",
    )

    @model_validator(mode="after")
    def filled(self) -> Self:
        """Both stores lie in the folder where nothing else is said."""
        values = {
            "database_url": self.database_url or f"sqlite:///{self.folder.absolute() / 'platform.db'}",
            "clickhouse_url": self.clickhouse_url or f"chdb://{self.folder.absolute() / 'record'}",
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)
        return self

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """The settings in these variables; an empty one counts as not set."""
        try:
            return cls.model_validate({name: value for name, value in environment.items() if value.strip()})
        except ValidationError as error:
            raise SettingsError([told(mistake["loc"], mistake["msg"]) for mistake in error.errors()]) from None

    @property
    def is_secure(self) -> bool:
        """Whether people reach the platform by TLS, so that its cookies may be kept to that."""
        return self.public_url.startswith("https:")

    @property
    def sends_mail(self) -> bool:
        """Whether letters leave the machine."""
        return bool(self.resend_api_key and self.email_from)

    @property
    def half_of_mail(self) -> str | None:
        """The variable that is missing where one of the pair is set."""
        missing = [
            name
            for name, value in (("RESEND_API_KEY", self.resend_api_key), ("HEXGATE_EMAIL_FROM", self.email_from))
            if not value
        ]
        return missing[0] if len(missing) == 1 else None


def told(place: tuple[int | str, ...], message: str) -> str:
    """A mistake without the value, which may be a secret."""
    return f"`{'.'.join(map(str, place))}`: {message.removeprefix('Value error, ')}"
