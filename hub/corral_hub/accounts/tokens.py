"""Signed tokens: of people, and of agents at work on one task. Pure: the secret and the time are arguments.

HS256 and nothing else. The two kinds differ in audience, so that neither passes for the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

import jwt

from corral_hub.accounts.model import TaskAgent
from corral_hub.errors import Unauthenticated

ALGORITHM = "HS256"
ISSUER = "corral"
PERSON = "corral:person"
TASK = "corral:task"
LONGEST = 4096
# Expiry is judged here, against the caller's clock, to the second.
OPTIONS: Any = {"require": ["exp", "iat", "sub"], "verify_exp": False, "verify_iat": False, "verify_nbf": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a person's token says. `generation` must still be the user's, `jti` must not be revoked."""

    user_id: UUID
    jti: str
    generation: int
    expires_at: datetime


def issue_person_token(secret: str, session: Session, now: datetime) -> str:
    claims = {"aud": PERSON, "sub": str(session.user_id), "jti": session.jti, "gen": session.generation}
    return _sign(secret, claims, now, session.expires_at)


def read_person_token(secret: str, text: str, now: datetime) -> Session:
    """Return what the token says. Raises Unauthenticated."""
    claims = _verify(secret, text, PERSON, now)
    return Session(
        user_id=UUID(claims["sub"]),
        jti=str(claims["jti"]),
        generation=int(claims["gen"]),
        expires_at=datetime.fromtimestamp(claims["exp"], UTC),
    )


def issue_task_token(secret: str, task_id: UUID, project_id: UUID, epoch: int, now: datetime, ttl: float) -> str:
    """Return a token that acts for one task, in one epoch, for `ttl` seconds."""
    claims = {"aud": TASK, "sub": str(task_id), "prj": str(project_id), "epoch": epoch}
    return _sign(secret, claims, now, now + timedelta(seconds=ttl))


def read_task_token(secret: str, text: str, now: datetime) -> TaskAgent:
    """Return whom the token speaks for. Raises Unauthenticated."""
    claims = _verify(secret, text, TASK, now)
    return TaskAgent(task_id=UUID(claims["sub"]), project_id=UUID(claims["prj"]), epoch=int(claims["epoch"]))


def _sign(secret: str, claims: Mapping[str, Any], now: datetime, until: datetime) -> str:
    body = {"iss": ISSUER, "iat": int(now.timestamp()), "exp": int(until.timestamp()), **claims}
    return jwt.encode(body, secret, algorithm=ALGORITHM)


def _verify(secret: str, text: str, audience: str, now: datetime) -> Mapping[str, Any]:
    if not text.isascii() or len(text) > LONGEST:
        raise _invalid()
    claims = _decode(secret, text, audience)
    if now.timestamp() >= claims["exp"]:
        hint = "log in again: corral login" if audience == PERSON else "the task was given away or took too long"
        raise Unauthenticated("token_expired", "the token has expired", hint)
    return claims


@lru_cache(maxsize=4096)
def _decode(secret: str, text: str, audience: str) -> Mapping[str, Any]:
    """Return the signed claims. A signature that was right stays right; whether they still hold is asked each time."""
    try:
        claims = jwt.decode(text, secret, algorithms=[ALGORITHM], audience=audience, issuer=ISSUER, options=OPTIONS)
    except jwt.InvalidTokenError as error:
        raise _invalid() from error
    return MappingProxyType(claims)


def _invalid() -> Unauthenticated:
    return Unauthenticated("invalid_token", "the token is not valid here", "log in again: corral login")
