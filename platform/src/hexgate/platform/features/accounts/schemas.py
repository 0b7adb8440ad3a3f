"""What requests about accounts say, and what is answered."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from hexgate.platform.kit.forms import Form

__all__ = [
    "Email",
    "MyAccount",
    "MyPassword",
    "MySession",
    "MySessions",
    "NewAccount",
    "NewPassword",
    "OnlyEmail",
    "OnlyToken",
    "Sent",
    "SignIn",
    "SignedIn",
]

ADDRESS = re.compile(r"[^@\s\x00-\x1f\x7f<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,187}[A-Za-z0-9])?")


def as_address(text: str) -> str:
    """An address in the one form in which it is kept: who asks for the same one in capitals has the same account."""
    if not ADDRESS.fullmatch(text):
        raise ValueError("it must be an e-mail address")
    return text.casefold()


Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(as_address)]
Password = Annotated[str, Field(min_length=1, max_length=256, json_schema_extra={"format": "password"})]
LetterToken = Annotated[str, Field(min_length=1, max_length=256)]


class NewAccount(Form):
    """Somebody new."""

    email: Email
    password: Password
    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)] = ""


class SignIn(Form):
    """Somebody who comes back."""

    email: Email
    password: Password


class OnlyEmail(Form):
    """An address."""

    email: Email


class OnlyToken(Form):
    """The token of a letter."""

    token: LetterToken


class NewPassword(Form):
    """The token of a letter, and the password that is to be."""

    token: LetterToken
    password: Password


class MyPassword(Form):
    """The password that is, and the one that is to be."""

    password: Password
    new_password: Password


class Sent(BaseModel):
    """The same answer whether or not there is such an account."""

    detail: str = "If the address can be used, a letter is on its way to it."


class MyAccount(BaseModel):
    """Who is signed in."""

    id: str
    email: str
    name: str
    is_verified: bool
    must_change_password: bool


class SignedIn(BaseModel):
    """Who is signed in, and what goes into `X-Hexgate-CSRF` with each request that changes something."""

    account: MyAccount
    csrf_token: str


class MySession(BaseModel):
    """Where somebody is signed in."""

    id: str
    program: str
    created_at: datetime
    expires_at: datetime
    is_this_one: bool


class MySessions(BaseModel):
    """Everywhere."""

    sessions: list[MySession]
