"""The rules of accounts: who may have one, who signs in, and what a letter is good for.

# INVARIANT: no answer says whether an address has an account, neither by its words nor by its time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from sqlalchemy.exc import IntegrityError

from hexgate.platform.features.accounts.store import Account, AccountStore, Errand, Session
from hexgate.platform.kit.database import Database
from hexgate.platform.kit.guesses import Allowance, Guesses
from hexgate.platform.kit.letters import Letter, Letters
from hexgate.platform.kit.passwords import Passwords, check_strength
from hexgate.platform.kit.problems import Problem
from hexgate.platform.kit.rows import Clock
from hexgate.platform.kit.scopes import INSTALLATION, AccountScope
from hexgate.platform.kit.secrets import Secret, hash_of, is_same
from hexgate.platform.settings import Settings

__all__ = ["SESSION_LASTS", "Accounts", "Origin", "Seat"]

SESSION_LASTS = timedelta(days=14)
Purpose = Literal["verify", "reset"]
LASTS: dict[Purpose, timedelta] = {"verify": timedelta(days=2), "reset": timedelta(hours=1)}
PAGES: dict[Purpose, str] = {"verify": "verify-email", "reset": "reset-password"}
MINUTES = 60
PASSWORDS_OF_AN_ACCOUNT = Allowance("passwords of an account", 10, 15 * MINUTES)
PASSWORDS_FROM_AN_ADDRESS = Allowance("passwords from an address", 50, 15 * MINUTES)
LETTERS_TO_AN_ACCOUNT = Allowance("letters to an account", 5, 60 * MINUTES)
LETTERS_FROM_AN_ADDRESS = Allowance("letters from an address", 30, 60 * MINUTES)
TOKENS_FROM_AN_ADDRESS = Allowance("tokens from an address", 50, 15 * MINUTES)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: an address of the network, and the name that the program gives itself."""

    address: str
    program: str = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who is signed in."""

    account: Account
    session_id: str
    csrf_token: str

    @property
    def scope(self) -> AccountScope:
        """What is this person's own."""
        return AccountScope(self.account.id)

    def may_change(self, csrf_token: str) -> bool:
        """Whether a request that changes something was made by a page that this person opened."""
        return is_same(csrf_token, self.csrf_token)

    def must_be_verified(self) -> None:
        """Refuses who could use another's address."""
        if not self.account.is_verified:
            raise Problem("HX1107")


class Accounts:
    """Accounts, sessions and letters."""

    def __init__(
        self,
        database: Database,
        *,
        passwords: Passwords,
        guesses: Guesses,
        letters: Letters,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self.database = database
        self.passwords = passwords
        self.guesses = guesses
        self.letters = letters
        self.settings = settings
        self.clock = clock

    async def register(self, email: str, password: str, name: str, origin: Origin) -> None:
        """A new account, whose address has to be confirmed. Who has one already is told so by a letter."""
        if self.settings.registration == "invited":
            raise Problem("HX1108")
        check_strength(password, email)
        await self.guesses.spend(LETTERS_FROM_AN_ADDRESS, origin.address)
        hashed = await self.passwords.hash(password)
        async with self.database.writing() as session:
            store = AccountStore(session)
            known = await store.by_email(INSTALLATION, email)
            account = known or Account(email=email, name=name, password=hashed, created_at=self.clock())
            if known is None:
                await store.add(INSTALLATION, account)
            secret = await self.write(store, account, "reset" if known else "verify")
        write = already if known else verification
        if known is None or await self.may_write_to(email):
            self.letters.send(write(email, self.link("reset" if known else "verify", secret)))

    async def first(self, email: str, password: str) -> Account | None:
        """The account of who starts the platform for the first time; None where there are accounts."""
        async with self.database.reading() as session:
            if await AccountStore(session).any(INSTALLATION):
                return None
        hashed, now = await self.passwords.hash(password), self.clock()
        account = Account(
            email=email, password=hashed, verified_at=now, has_first_password=True, created_at=now, name="Admin"
        )
        try:
            async with self.database.writing() as session:
                store = AccountStore(session)
                if await store.any(INSTALLATION):
                    return None
                await store.add(INSTALLATION, account)
        except IntegrityError:
            # Another worker started in the same moment.
            return None
        return account

    async def sign_in(self, email: str, password: str, origin: Origin) -> tuple[Secret, Seat]:
        """A new session."""
        await self.guesses.spend(PASSWORDS_FROM_AN_ADDRESS, origin.address)
        await self.guesses.spend(PASSWORDS_OF_AN_ACCOUNT, email)
        async with self.database.reading() as session:
            account = await AccountStore(session).by_email(INSTALLATION, email)
        if not await self.passwords.belong_together(password, account.password if account else None) or not account:
            raise Problem("HX1102")
        await self.guesses.forgive(PASSWORDS_OF_AN_ACCOUNT, email)
        secret, now = Secret.new(), self.clock()
        made = Session(
            hash=secret.hash,
            account_id=account.id,
            program=origin.program[:200],
            created_at=now,
            expires_at=now + SESSION_LASTS,
        )
        async with self.database.writing() as session:
            await AccountStore(session).add_session(AccountScope(account.id), made)
        return secret, Seat(account, made.id, csrf_token_of(secret.text))

    async def seat(self, cookie: str) -> Seat:
        """Who is signed in with this cookie."""
        async with self.database.reading() as session:
            found = await AccountStore(session).by_session(INSTALLATION, hash_of(cookie), self.clock())
        if found is None:
            raise Problem("HX1101")
        account, known = found
        return Seat(account, known.id, csrf_token_of(cookie))

    async def sessions(self, seat: Seat) -> list[Session]:
        """Where somebody is signed in."""
        async with self.database.reading() as session:
            return await AccountStore(session).sessions(seat.scope, self.clock())

    async def end_session(self, seat: Seat, id: str) -> None:
        """Signs somebody out, here or elsewhere."""
        async with self.database.writing() as session:
            if not await AccountStore(session).end_session(seat.scope, id):
                raise Problem("HX1004", "you have no session with this id")

    async def request_verification(self, seat: Seat, origin: Origin) -> None:
        """Another letter to confirm the address."""
        await self.guesses.spend(LETTERS_FROM_AN_ADDRESS, origin.address)
        email = seat.account.email
        if seat.account.is_verified or not await self.may_write_to(email):
            return
        async with self.database.writing() as session:
            secret = await self.write(AccountStore(session), seat.account, "verify")
        self.letters.send(verification(email, self.link("verify", secret)))

    async def verify_email(self, token: str, origin: Origin) -> None:
        """The address is confirmed by who has its letter."""
        await self.guesses.spend(TOKENS_FROM_AN_ADDRESS, origin.address)
        async with self.database.writing() as session:
            store = AccountStore(session)
            scope = await self.take(store, token, "verify")
            await store.verify(scope, self.clock())

    async def request_reset(self, email: str, origin: Origin) -> None:
        """A letter with which a new password can be set, if there is such an account."""
        await self.guesses.spend(LETTERS_FROM_AN_ADDRESS, origin.address)
        self.letters.soon(self.write_reset(email))

    async def write_reset(self, email: str) -> None:
        """The letter of a reset."""
        if not await self.may_write_to(email):
            return
        async with self.database.writing() as session:
            store = AccountStore(session)
            account = await store.by_email(INSTALLATION, email)
            if account is None:
                return
            secret = await self.write(store, account, "reset")
        self.letters.send(reset(email, self.link("reset", secret)))

    async def reset_password(self, token: str, password: str, origin: Origin) -> None:
        """A new password for who has the letter; every session ends, for one of them may be a stranger's."""
        await self.guesses.spend(TOKENS_FROM_AN_ADDRESS, origin.address)
        check_strength(password, "")
        hashed = await self.passwords.hash(password)
        async with self.database.writing() as session:
            store = AccountStore(session)
            scope = await self.take(store, token, "reset")
            await store.set_password(scope, hashed)
            # Who has read the letter has the address.
            await store.verify(scope, self.clock())
            await store.end_sessions(scope)
            email = (await store.get(scope)).email
        await self.guesses.forgive(PASSWORDS_OF_AN_ACCOUNT, email)

    async def change_password(self, seat: Seat, password: str, new_password: str) -> None:
        """A new password for who knows the old one; every other session ends."""
        await self.guesses.spend(PASSWORDS_OF_AN_ACCOUNT, seat.account.email)
        if not await self.passwords.belong_together(password, seat.account.password):
            raise Problem("HX1102", "the password is not that of the account")
        check_strength(new_password, seat.account.email)
        hashed = await self.passwords.hash(new_password)
        async with self.database.writing() as session:
            store = AccountStore(session)
            await store.set_password(seat.scope, hashed)
            await store.end_sessions(seat.scope, but=seat.session_id)
        await self.guesses.forgive(PASSWORDS_OF_AN_ACCOUNT, seat.account.email)

    async def forget(self) -> None:
        """Forgets sessions and letters that are over."""
        async with self.database.writing() as session:
            await AccountStore(session).forget(INSTALLATION, self.clock())

    async def write(self, store: AccountStore, account: Account, purpose: Purpose) -> Secret:
        """What a letter will hold."""
        secret = Secret.new()
        errand = Errand(
            hash=secret.hash, purpose=purpose, account_id=account.id, expires_at=self.clock() + LASTS[purpose]
        )
        await store.add_errand(AccountScope(account.id), errand)
        return secret

    def link(self, purpose: Purpose, secret: Secret) -> str:
        """The page of the dashboard that knows what to do with the token."""
        return f"{self.settings.public_url}/{PAGES[purpose]}?token={secret.text}"

    async def take(self, store: AccountStore, token: str, purpose: Purpose) -> AccountScope:
        """Whose letter it was."""
        account_id = await store.take_errand(INSTALLATION, hash_of(token), purpose, self.clock())
        if account_id is None:
            raise Problem("HX1106")
        return AccountScope(account_id)

    async def may_write_to(self, email: str) -> bool:
        """Whether this address has not had too many letters; who asks is told the same either way."""
        try:
            await self.guesses.spend(LETTERS_TO_AN_ACCOUNT, email)
        except Problem:
            return False
        return True


def csrf_token_of(cookie: str) -> str:
    """What a page must know beside the cookie: made of it, so that it needs no place of its own, and does not give it away."""
    return hash_of(f"csrf\0{cookie}")


def verification(to: str, link: str) -> Letter:
    text = (
        f"Somebody, hopefully you, made an account with this address. To confirm it, open\n\n{link}\n\nwithin two days."
    )
    return Letter(to, "Confirm your address", text)


def already(to: str, link: str) -> Letter:
    text = (
        "Somebody, hopefully you, wanted to make an account with this address. There is one already. To set a new password "
        f"for it, open\n\n{link}\n\nwithin an hour. If you know your password, do nothing and sign in with it."
    )
    return Letter(to, "You have an account already", text)


def reset(to: str, link: str) -> Letter:
    text = (
        f"To set a new password, open\n\n{link}\n\nwithin an hour. If you did not ask for this, do nothing: your password "
        "stays as it is."
    )
    return Letter(to, "Set a new password", text)
