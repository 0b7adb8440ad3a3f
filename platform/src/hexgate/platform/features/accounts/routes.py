"""The addresses of accounts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from starlette.responses import Response

from hexgate.platform.features.accounts.access import From, SignedInSeat, keep_cookie, lose_cookie
from hexgate.platform.features.accounts.schemas import (
    MyAccount,
    MyPassword,
    MySession,
    MySessions,
    NewAccount,
    NewPassword,
    OnlyEmail,
    OnlyToken,
    Sent,
    SignedIn,
    SignIn,
)
from hexgate.platform.features.accounts.service import Accounts, Seat
from hexgate.platform.kit.parts import the
from hexgate.platform.kit.problems import answers
from hexgate.platform.settings import Settings

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["accounts"])
TheAccounts = Annotated[Accounts, the(Accounts)]
TheSettings = Annotated[Settings, the(Settings)]


def told(seat: Seat) -> SignedIn:
    account = seat.account
    mine = MyAccount(
        id=account.id,
        email=account.email,
        name=account.name,
        is_verified=account.is_verified,
        must_change_password=account.has_first_password,
    )
    return SignedIn(account=mine, csrf_token=seat.csrf_token)


@router.post("/auth/register", status_code=202, responses=answers("HX1103", "HX1104", "HX1105", "HX1108"))
async def register(form: NewAccount, origin: From, accounts: TheAccounts) -> Sent:
    """Make an account. A letter goes to the address, to confirm it."""
    await accounts.register(form.email, form.password, form.name, origin)
    return Sent()


@router.post("/auth/sign-in", responses=answers("HX1102", "HX1103", "HX1104"))
async def sign_in(
    form: SignIn, origin: From, response: Response, accounts: TheAccounts, settings: TheSettings
) -> SignedIn:
    """Sign in. The session is in a cookie."""
    secret, seat = await accounts.sign_in(form.email, form.password, origin)
    keep_cookie(response, secret, settings)
    return told(seat)


@router.post("/auth/sign-out", status_code=204, responses=answers("HX1101", "HX1103"))
async def sign_out(seat: SignedInSeat, response: Response, accounts: TheAccounts, settings: TheSettings) -> None:
    """Sign out here."""
    await accounts.end_session(seat, seat.session_id)
    lose_cookie(response, settings)


@router.post("/auth/verify-email", status_code=204, responses=answers("HX1103", "HX1104", "HX1106"))
async def verify_email(form: OnlyToken, origin: From, accounts: TheAccounts) -> None:
    """Confirm an address with the token of a letter."""
    await accounts.verify_email(form.token, origin)


@router.post("/auth/request-verification", status_code=202, responses=answers("HX1101", "HX1103", "HX1104"))
async def request_verification(seat: SignedInSeat, origin: From, accounts: TheAccounts) -> Sent:
    """Ask for another letter to confirm the address."""
    await accounts.request_verification(seat, origin)
    return Sent()


@router.post("/auth/request-password-reset", status_code=202, responses=answers("HX1103", "HX1104"))
async def request_password_reset(form: OnlyEmail, origin: From, accounts: TheAccounts) -> Sent:
    """Ask for a letter with which a new password can be set."""
    await accounts.request_reset(form.email, origin)
    return Sent()


@router.post("/auth/reset-password", status_code=204, responses=answers("HX1103", "HX1104", "HX1105", "HX1106"))
async def reset_password(form: NewPassword, origin: From, accounts: TheAccounts) -> None:
    """Set a new password with the token of a letter. Every session of the account ends."""
    await accounts.reset_password(form.token, form.password, origin)


@router.get("/account", responses=answers("HX1101"))
async def my_account(seat: SignedInSeat) -> SignedIn:
    """Who is signed in."""
    return told(seat)


@router.put("/account/password", status_code=204, responses=answers("HX1101", "HX1102", "HX1103", "HX1104", "HX1105"))
async def change_password(form: MyPassword, seat: SignedInSeat, accounts: TheAccounts) -> None:
    """Set another password. Every other session of the account ends."""
    await accounts.change_password(seat, form.password, form.new_password)


@router.get("/account/sessions", responses=answers("HX1101"))
async def my_sessions(seat: SignedInSeat, accounts: TheAccounts) -> MySessions:
    """Where you are signed in."""
    sessions = [
        MySession(
            id=known.id,
            program=known.program,
            created_at=known.created_at,
            expires_at=known.expires_at,
            is_this_one=known.id == seat.session_id,
        )
        for known in await accounts.sessions(seat)
    ]
    return MySessions(sessions=sessions)


@router.delete("/account/sessions/{session_id}", status_code=204, responses=answers("HX1101", "HX1103", "HX1004"))
async def end_session(session_id: str, seat: SignedInSeat, accounts: TheAccounts) -> None:
    """Sign out somewhere."""
    await accounts.end_session(seat, session_id)
