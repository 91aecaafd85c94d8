"""People: register, log in and out, roles; what a token proves and when it stops."""

import asyncio
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from corral_hub.accounts import backoff, tokens
from corral_hub.accounts.actions import Accounts
from corral_hub.accounts.backoff import Failures
from corral_hub.accounts.crowd import ALL, EACH, Crowd
from corral_hub.accounts.model import Role, TaskAgent
from corral_hub.accounts.passwords import Passwords
from corral_hub.accounts.secret import load_secret
from corral_hub.accounts.tokens import Session
from corral_hub.db.database import Database
from corral_hub.errors import StartupError, TooMany, Unauthenticated
from corral_hub.settings import Settings
from tests.hub.api import ADMIN, PASSWORD, SECRET, VIEWER, Api, refused

NOW = datetime(2026, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(-(10**9), 10**9).map(lambda seconds: NOW + timedelta(seconds=seconds))


async def test_the_first_becomes_admin_then_registration_closes(api: Api) -> None:
    first = await api.post("/register", json={"email": " Me@Example.org ", "password": PASSWORD})
    assert (first.status_code, first.json()["email"], first.json()["role"]) == (201, "me@example.org", "admin")
    refused(
        await api.post("/register", json={"email": "b@example.org", "password": PASSWORD}), 403, "registration_closed"
    )


async def test_many_first_ones_at_once_make_one_admin(database: Database, tmp_path: Path, passwords: Passwords) -> None:
    accounts = Accounts(database, Settings(home=tmp_path, open_registration=True), SECRET, passwords)
    people = await asyncio.gather(*(accounts.register(f"p{n}@example.org", PASSWORD) for n in range(12)))
    assert sorted(person.role.value for person in people) == ["admin"] + ["viewer"] * 11


async def test_login_me_logout(api: Api) -> None:
    await api.people()
    token, other = await api.login(ADMIN), await api.login(ADMIN)
    assert (await api.get("/me", who=token)).json()["email"] == ADMIN
    assert (await api.post("/logout", who=token)).json() == {"revoked": True}
    refused(await api.get("/me", who=token), 401, "token_revoked")
    assert (await api.get("/me", who=other)).status_code == 200


async def test_a_logout_outlives_a_restart(
    api: Api, database: Database, settings: Settings, passwords: Passwords
) -> None:
    await api.people()
    token = await api.login(ADMIN)
    await api.post("/logout", who=token)
    restarted = Accounts(database, settings, SECRET, passwords)
    await restarted.load()
    with pytest.raises(Unauthenticated):
        await restarted.authenticate(token)


async def test_a_new_password_ends_every_login(api: Api) -> None:
    await api.people()
    token = await api.login(VIEWER)
    await api.patch(f"/users/{VIEWER}", who=ADMIN, json={"password": "another long password"})
    refused(await api.get("/me", who=token), 401, "token_revoked")
    refused(await api.try_login(VIEWER, PASSWORD), 401, "bad_credentials")
    assert await api.login(VIEWER, "another long password")


async def test_roles(api: Api) -> None:
    await api.people()
    refused(await api.get("/users", who=VIEWER), 403, "role_required")
    refused(await api.get("/users"), 401, "login_required")
    refused(await api.patch(f"/users/{ADMIN}", who=ADMIN, json={"role": "viewer"}), 409, "last_admin")
    token = await api.login(VIEWER)
    assert (await api.patch(f"/users/{VIEWER}", who=ADMIN, json={"role": "admin"})).json()["role"] == "admin"
    assert (await api.get("/users", who=token)).status_code == 200, "a new role holds at once"
    refused(await api.post("/users", who=ADMIN, json={"email": VIEWER, "password": PASSWORD}), 409, "email_taken")


async def test_unknown_and_wrong_look_the_same(api: Api) -> None:
    await api.people()
    unknown = refused(await api.try_login("nobody@example.org", PASSWORD), 401, "bad_credentials")
    assert unknown == refused(await api.try_login(ADMIN, "a wrong password"), 401, "bad_credentials")


async def test_failed_logins_block_the_address(api: Api) -> None:
    await api.people()
    for _ in range(5):
        refused(await api.try_login(ADMIN, "a wrong password"), 401, "bad_credentials")
    answer = await api.try_login(ADMIN, PASSWORD)
    refused(answer, 429, "too_many_attempts")
    assert int(answer.headers["retry-after"]) >= 1
    assert await api.login(VIEWER), "others are not blocked"


async def test_parallel_guesses_do_not_outrun_the_counter(api: Api) -> None:
    await api.people()
    answers = await asyncio.gather(*(api.try_login(ADMIN, f"wrong password {n}") for n in range(20)))
    assert sum(answer.status_code == 401 for answer in answers) == 5


async def test_a_crowd_from_one_address_keeps_nobody_else_out(api: Api) -> None:
    await api.people()
    elsewhere = httpx.ASGITransport(api.app, client=("192.0.2.7", 1))
    async with httpx.AsyncClient(transport=elsewhere, base_url="http://hub/api/v1") as other:
        crowd = [asyncio.create_task(api.try_login(f"{n}@example.org", PASSWORD)) for n in range(200)]
        good = asyncio.create_task(other.post("/login", data={"username": ADMIN, "password": PASSWORD}))
        codes = Counter([answer.json()["code"] for answer in await asyncio.gather(*crowd)])
        assert (await good).status_code == 200
    assert codes.keys() == {"bad_credentials", "too_many_at_once"} and codes["too_many_at_once"] >= 100
    assert await api.login(VIEWER), "the crowd has gone"


def test_a_crowd_is_counted_by_address_and_in_all() -> None:
    crowd = Crowd()
    with ExitStack() as inside:
        for number in range(ALL):
            inside.enter_context(crowd.entered(f"address {number // EACH}"))
        for address in ("address 0", "a new one"):
            with pytest.raises(TooMany), crowd.entered(address):
                pass
    with crowd.entered("address 0"):
        assert crowd._inside == {"address 0": 1}


async def test_a_success_clears_the_count(api: Api) -> None:
    await api.people()
    for _ in range(3):
        for _ in range(4):
            await api.try_login(ADMIN, "a wrong password")
        assert await api.login(ADMIN)


@pytest.mark.parametrize(
    "body",
    [
        {"email": "no address", "password": PASSWORD},
        {"email": "a@example.org", "password": "short"},
        {"email": "a@example.org", "password": "nul \x00 in a password"},
        {"email": "a@example.org", "password": PASSWORD, "role": "admin"},
        {"email": "a@" + "x" * 400, "password": PASSWORD},
        {"email": ["a@example.org"], "password": PASSWORD},
    ],
)
async def test_bad_registrations(api: Api, body: dict[str, object]) -> None:
    problem = refused(await api.post("/register", json=body), 422, "invalid_request")
    assert problem["problems"][0]["pointer"].startswith("/")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é" * 40, "x" * 5000])
async def test_bad_tokens(accounts: Accounts, text: str) -> None:
    with pytest.raises(Unauthenticated):
        await accounts.authenticate(text)


async def test_bootstrap_happens_once(database: Database, tmp_path: Path, passwords: Passwords) -> None:
    accounts = Accounts(database, Settings(home=tmp_path, admin_email="Root@Example.org"), SECRET, passwords)
    made = await accounts.bootstrap()
    assert made is not None and made.email == "root@example.org" and made.password is not None
    assert await accounts.login(made.email, made.password)
    assert await accounts.bootstrap() is None


async def test_bootstrap_with_a_given_password_tells_none(
    database: Database, tmp_path: Path, passwords: Passwords
) -> None:
    settings = Settings(home=tmp_path, admin_email=ADMIN, admin_password=SecretStr(PASSWORD))
    accounts = Accounts(database, settings, SECRET, passwords)
    made = await accounts.bootstrap()
    assert made is not None and made.password is None
    assert await accounts.login(ADMIN, PASSWORD)


async def test_passwords_are_argon2id_and_salted() -> None:
    passwords = Passwords()
    first, second = await passwords.hash(PASSWORD), await passwords.hash(PASSWORD)
    assert first.startswith("$argon2id$") and first != second
    assert await passwords.verify(first, PASSWORD)
    assert not await passwords.verify(None, PASSWORD)
    assert not await passwords.verify("no hash at all", PASSWORD)


def session(expires_at: datetime) -> Session:
    return Session(user_id=uuid4(), jti="a", generation=3, expires_at=expires_at)


@given(ttl=st.integers(1, 10**6), later=st.integers(0, 2 * 10**6))
def test_a_token_is_good_until_it_expires(ttl: int, later: int) -> None:
    given_out = session(NOW + timedelta(seconds=ttl))
    text = tokens.issue_person_token(SECRET, given_out, NOW)
    moment = NOW + timedelta(seconds=later)
    if later < ttl:
        assert tokens.read_person_token(SECRET, text, moment) == given_out
    else:
        with pytest.raises(Unauthenticated, match="expired"):
            tokens.read_person_token(SECRET, text, moment)


@given(epoch=st.integers(0, 2**62))
def test_a_task_token_says_task_project_and_epoch(epoch: int) -> None:
    task_id, project_id = uuid4(), uuid4()
    text = tokens.issue_task_token(SECRET, task_id, project_id, epoch, NOW, 60)
    agent = tokens.read_task_token(SECRET, text, NOW)
    assert agent == TaskAgent(task_id=task_id, project_id=project_id, epoch=epoch)


def test_neither_kind_of_token_passes_for_the_other() -> None:
    task = tokens.issue_task_token(SECRET, uuid4(), uuid4(), 1, NOW, 60)
    person = tokens.issue_person_token(SECRET, session(NOW + timedelta(hours=1)), NOW)
    with pytest.raises(Unauthenticated):
        tokens.read_person_token(SECRET, task, NOW)
    with pytest.raises(Unauthenticated):
        tokens.read_task_token(SECRET, person, NOW)


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_the_algorithm_is_pinned(algorithm: str) -> None:
    claims = {"iss": "corral", "aud": "corral:task", "sub": str(uuid4()), "iat": 0, "exp": 2**40}
    key = "" if algorithm == "none" else SECRET * 2
    forged = jwt.encode(claims, key, algorithm=algorithm)
    with pytest.raises(Unauthenticated):
        tokens.read_task_token(SECRET * 2, forged, NOW)


def test_another_secret_signs_nothing() -> None:
    text = tokens.issue_task_token(SECRET, uuid4(), uuid4(), 1, NOW, 60)
    with pytest.raises(Unauthenticated):
        tokens.read_task_token(SECRET[::-1], text, NOW)


@given(st.integers(0, 10**6))
def test_blocks_grow_and_are_bounded(count: int) -> None:
    assert backoff.block(count) <= backoff.block(count + 1) <= 900
    assert (backoff.block(count) > 0) == (count >= 5)


@given(count=st.integers(0, 50), now=MOMENTS, until=MOMENTS)
def test_nobody_waits_longer_than_the_rule_says(count: int, now: datetime, until: datetime) -> None:
    """Also where the clock was set back by years."""
    assert 0 <= backoff.wait(Failures(count=count, blocked_until=until), now) <= backoff.block(count)


@given(now=MOMENTS, gaps=st.lists(st.floats(0, 10**5), max_size=30))
def test_counting_failures(now: datetime, gaps: list[float]) -> None:
    failed: Failures | None = None
    for gap in gaps:
        before, now = failed, now + timedelta(seconds=gap)
        failed = backoff.after_failure(before, now)
        fresh = before is None or backoff.forgotten(before, now)
        assert failed.count == (1 if fresh else before.count + 1)  # type: ignore[union-attr]
        assert backoff.wait(failed, now) == pytest.approx(backoff.block(failed.count), abs=1e-5)


def test_the_secret_is_made_once_and_private(settings: Settings) -> None:
    secret = load_secret(settings)
    path = settings.home / "secret.key"
    assert len(secret) >= 32 and load_secret(settings) == secret
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in settings.home.iterdir()] == ["secret.key"]


def test_a_damaged_secret_stops_the_start(settings: Settings) -> None:
    path = settings.home / "secret.key"
    path.write_text("short")
    with pytest.raises(StartupError, match=f"chmod 600 {path}"):
        load_secret(settings)
    path.chmod(0o600)
    with pytest.raises(StartupError, match="less than 32"):
        load_secret(settings)


def test_a_given_secret_is_used(tmp_path: Path) -> None:
    assert load_secret(Settings(home=tmp_path, secret=SecretStr(SECRET))) == SECRET
    assert not list(tmp_path.iterdir())


async def test_a_login_link_grows_old(accounts: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    user = await accounts.create_user("ada@example.org", PASSWORD, Role.VIEWER)
    url, until = await accounts.links.make(user)
    monkeypatch.setattr("corral_hub.clock.now", lambda: until)
    with pytest.raises(Unauthenticated, match="too old"):
        await accounts.login_once(url.partition("#once=")[2])
