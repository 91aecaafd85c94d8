"""What can be done with accounts: register, log in and out, say who is asking, administer users."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from corral_hub import clock, short_ids
from corral_hub.accounts import backoff, store, tokens
from corral_hub.accounts.crowd import Crowd
from corral_hub.accounts.flood import Flood
from corral_hub.accounts.keys import BEGINS, Keys
from corral_hub.accounts.links import Links
from corral_hub.accounts.model import Person, Role, User
from corral_hub.accounts.passwords import Passwords
from corral_hub.accounts.tokens import Session
from corral_hub.audit.log import note, turn_out_to_be
from corral_hub.db.database import Database
from corral_hub.errors import Conflict, Forbidden, TooMany, Unauthenticated
from corral_hub.settings import Settings

log = structlog.get_logger()
GATES = 64
ADMIN = "admin@corral.local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    token: str
    expires_in: int
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstAdmin:
    """The admin a first start made. `password` is None where a setting gave it; nobody can read it again."""

    email: str
    password: str | None


class Accounts:
    """Users and their logins. Users and revoked tokens are kept in memory; this process alone changes them."""

    def __init__(self, database: Database, settings: Settings, secret: str, passwords: Passwords | None = None) -> None:
        self._database = database
        self._settings = settings
        self._secret = secret
        self._passwords = passwords or Passwords()
        self.crowd = Crowd()
        self.keys = Keys(database)
        self.links = Links(database, settings.url)
        self._users: dict[UUID, User] = {}
        self._revoked: dict[str, datetime] = {}
        self._logins, self._failures = Flood(), Flood()
        # One attempt at a time for each address: parallel guesses must not outrun the counter.
        self._gates = tuple(asyncio.Lock() for _ in range(GATES))

    async def load(self) -> None:
        """Read what is needed to refuse: call once, before the first request."""
        async with self._database.begin() as connection:
            self._revoked = await store.revoked(connection, clock.now())

    async def bootstrap(self) -> FirstAdmin | None:
        """Make the first admin if there are no users; return it only then."""
        async with self._database.read() as connection:
            if await store.count_users(connection):
                return None
        given = self._settings.admin_password
        password = given.get_secret_value() if given else clock.new_secret(18)
        user = await self._new_user((self._settings.admin_email or ADMIN).strip().lower(), password, Role.ADMIN)
        async with self._database.begin() as connection:
            await store.lock_users(connection)
            if await store.count_users(connection):
                return None
            await store.add_user(connection, user)
            await note(connection, "user.create", user.id, user.email, role=user.role.value)
        return FirstAdmin(email=user.email, password=None if given else password)

    async def register(self, email: str, password: str) -> Person:
        """Return the new person: the first one is admin. Raises Forbidden when registration is closed."""
        async with self._database.read() as connection:
            self._check_open(await store.count_users(connection))
        user = await self._new_user(email, password, Role.VIEWER)
        async with self._database.begin() as connection:
            await store.lock_users(connection)
            known = await store.count_users(connection)
            self._check_open(known)
            user = user if known else replace(user, role=Role.ADMIN)
            if not await store.add_user(connection, user):
                raise _taken(email)
            await note(connection, "user.register", user.id, user.email, role=user.role.value)
        log.info("registered", user=user.email, role=user.role.value)
        return _person(user)

    async def login(self, email: str, password: str, place: str = "") -> Login:
        """Return a token. Raises Unauthenticated, or TooMany while the account is blocked. `place`: from where."""
        email = email.strip().lower()
        async with self._gates[hash(email) % GATES]:
            async with self._database.read() as connection:
                user = await store.user_by_email(connection, email)
                failed = await store.failures(connection, email)
            _check_block(backoff.wait(failed, clock.now()))
            if not await self._passwords.verify(user.password_hash if user else None, password) or user is None:
                await self._note_failure(email, user, failed, place)
                raise Unauthenticated(
                    "bad_credentials", "e-mail address or password is wrong", "check both, then try again"
                )
            if failed is not None:
                async with self._database.begin() as connection:
                    await store.clear_failures(connection, email)
        return await self._admit(user, "password", place)

    async def login_once(self, secret: str, place: str = "") -> Login:
        """Return a token for whom this one-time link was made. Raises Unauthenticated."""
        id = await self.links.use(secret)
        if id is None:
            if count := self._failures.count(place, clock.now()):
                async with self._database.begin() as connection:
                    await note(connection, "login.fail", "", how="link", count=count)
            raise Unauthenticated(
                "bad_login_link",
                "the link was used already, or is too old",
                "log in with your password, or ask an admin",
            )
        user = await self._load_user(id)
        assert user is not None, "users are never removed"
        return await self._admit(user, "link", place)

    async def _admit(self, user: User, how: str, place: str) -> Login:
        """Let somebody in, and write down that and from where."""
        turn_out_to_be(_person(user).label)
        if count := self._logins.count(f"{user.id} {place}", clock.now()):
            async with self._database.begin() as connection:
                await note(connection, "login.succeed", user.id, user.email, how=how, count=count)
        return self._issue(user)

    async def login_as_owner(self) -> tuple[str, Person] | None:
        """Return a token of the oldest admin: for whoever owns the hub's own data directory, and so its database."""
        admins = [user for user in await self.users() if user.role is Role.ADMIN]
        if not admins:
            return None
        oldest = min(admins, key=lambda user: user.created_at)
        return (await self._admit(oldest, "data directory", "")).token, _person(oldest)

    async def logout(self, token: str) -> None:
        """End this login, at once and for good."""
        session = tokens.read_person_token(self._secret, token, clock.now())
        async with self._database.begin() as connection:
            await store.revoke(connection, session.jti, session.expires_at)
        now = clock.now()
        self._revoked = {jti: until for jti, until in self._revoked.items() if until > now}
        self._revoked[session.jti] = session.expires_at

    async def authenticate(self, token: str) -> Person:
        """Return who holds this token, or this API key. Raises Unauthenticated."""
        if token.startswith(BEGINS):
            return await self._by_key(token)
        session = tokens.read_person_token(self._secret, token, clock.now())
        user = self._users.get(session.user_id) or await self._load_user(session.user_id)
        if session.jti in self._revoked or user is None or user.generation != session.generation:
            raise Unauthenticated("token_revoked", "this login has ended", "log in again: corral login")
        return _person(user)

    async def _by_key(self, text: str) -> Person:
        """A key may do what it was made for, and no more than its owner may by now."""
        key = await self.keys.find(text)
        owner = self._users.get(key.user_id) or await self._load_user(key.user_id)
        assert owner is not None, "users are never removed"
        both = Role.ADMIN if {key.role, owner.role} == {Role.ADMIN} else Role.VIEWER
        return Person(id=owner.id, email=owner.email, role=both, key=key.name)

    async def find_user(self, text: str) -> User:
        """Return the user with this e-mail address, id or beginning of an id. Raises NotFound."""
        return _find(await self.users(), text)

    async def users(self) -> list[User]:
        async with self._database.read() as connection:
            return await store.users(connection)

    async def create_user(self, email: str, password: str, role: Role) -> User:
        user = await self._new_user(email, password, role)
        async with self._database.begin() as connection:
            if not await store.add_user(connection, user):
                raise _taken(email)
            await note(connection, "user.create", user.id, user.email, role=user.role.value)
        return user

    async def update_user(self, key: str, role: Role | None = None, password: str | None = None) -> User:
        """Change the role, or the password, which ends every login of that user. The last admin stays one."""
        hashed = await self._passwords.hash(password) if password is not None else None
        async with self._database.begin() as connection:
            await store.lock_users(connection)
            everybody = await store.users(connection)
            before = _find(everybody, key)
            after = replace(before, role=role or before.role)
            if hashed is not None:
                after = replace(after, password_hash=hashed, generation=before.generation + 1)
            _check_admin_left(everybody, after)
            await store.save_user(connection, after)
            changed = {"role": after.role.value, "password": hashed is not None}
            await note(connection, "user.change", after.id, after.email, **changed)
            self._users.pop(after.id, None)  # still under the lock: whoever reads next, reads the newest
        self._users[after.id] = after
        return after

    async def _note_failure(self, email: str, user: User | None, failed: backoff.Failures | None, place: str) -> None:
        """What is no address may be a password in the wrong field: that is not written down."""
        now = clock.now()
        after, count = backoff.after_failure(failed, now), self._failures.count(place, now)
        async with self._database.begin() as connection:
            await store.save_failures(connection, email, after, now)
            if count is not None:
                target, name = (user.id, user.email) if user else ("", email if "@" in email else "")
                blocked = int(backoff.block(after.count))
                await note(connection, "login.fail", target, name, how="password", count=count, blocked=blocked)

    async def _load_user(self, id: UUID) -> User | None:
        async with self._database.read() as connection:
            user = await store.user_by_id(connection, id)
        return None if user is None else self._users.setdefault(id, user)

    async def _new_user(self, email: str, password: str, role: Role) -> User:
        hashed = await self._passwords.hash(password)
        return User(
            id=clock.new_id(), email=email, password_hash=hashed, role=role, generation=0, created_at=clock.now()
        )

    def _issue(self, user: User) -> Login:
        now, ttl = clock.now(), self._settings.token_ttl
        session = Session(
            user_id=user.id,
            jti=clock.new_secret(16),
            generation=user.generation,
            expires_at=now + timedelta(seconds=ttl),
        )
        token = tokens.issue_person_token(self._secret, session, now)
        return Login(token=token, expires_in=int(ttl), role=user.role)

    def _check_open(self, known: int) -> None:
        if known and not self._settings.open_registration:
            raise Forbidden("registration_closed", "registration is closed", "ask an admin to create your account")


def _person(user: User) -> Person:
    return Person(id=user.id, email=user.email, role=user.role)


def _check_block(seconds: float) -> None:
    if seconds > 0:
        raise TooMany(
            "too_many_attempts",
            f"too many failed logins for this address; wait {seconds:.0f} s",
            "wait, then try again; an admin can set a new password",
            retry_after=seconds,
        )


def _check_admin_left(everybody: list[User], after: User) -> None:
    others = any(user.role is Role.ADMIN for user in everybody if user.id != after.id)
    if after.role is not Role.ADMIN and not others:
        raise Conflict("last_admin", "somebody must stay admin", "make another user admin first")


def _find(everybody: list[User], key: str) -> User:
    """Return the user with this e-mail address, id or beginning of an id."""
    by_email = [user for user in everybody if user.email == key.strip().lower()]
    if by_email:
        return by_email[0]
    parsed = short_ids.parse(key, "user")
    wanted = str(parsed) if isinstance(parsed, UUID) else parsed.text
    fitting = [(user.id, user.email) for user in everybody if str(user.id).startswith(wanted)]
    id = short_ids.pick(fitting, key, "user")
    return next(user for user in everybody if user.id == id)


def _taken(email: str) -> Conflict:
    return Conflict("email_taken", f"there is an account for {email} already", "log in, or use another address")
