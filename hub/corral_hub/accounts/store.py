"""Rows of users, revoked tokens and failed logins ↔ model."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from corral_hub.accounts.backoff import FORGOTTEN, Failures
from corral_hub.accounts.model import Role, User
from corral_hub.accounts.tables import admin_users, login_failures, revoked_tokens


async def lock_users(connection: AsyncConnection) -> None:
    """Let nobody else add or change users until this transaction ends; reading goes on."""
    await connection.execute(text("lock table admin_users in share row exclusive mode"))


async def count_users(connection: AsyncConnection) -> int:
    return (await connection.execute(select(func.count()).select_from(admin_users))).scalar_one()


async def add_user(connection: AsyncConnection, user: User) -> bool:
    """Insert; return False when the e-mail address is taken."""
    statement = insert(admin_users).values(_row(user)).on_conflict_do_nothing(index_elements=["email"])
    return (await connection.execute(statement.returning(admin_users.c.id))).first() is not None


async def save_user(connection: AsyncConnection, user: User) -> None:
    await connection.execute(update(admin_users).where(admin_users.c.id == user.id).values(_row(user)))


async def users(connection: AsyncConnection) -> list[User]:
    rows = await connection.execute(select(admin_users).order_by(admin_users.c.created_at, admin_users.c.email))
    return [_user(row) for row in rows.mappings()]


async def user_by_id(connection: AsyncConnection, id: UUID) -> User | None:
    row = (await connection.execute(select(admin_users).where(admin_users.c.id == id))).mappings().first()
    return _user(row) if row is not None else None


async def user_by_email(connection: AsyncConnection, email: str) -> User | None:
    row = (await connection.execute(select(admin_users).where(admin_users.c.email == email))).mappings().first()
    return _user(row) if row is not None else None


async def revoke(connection: AsyncConnection, jti: str, expires_at: datetime) -> None:
    statement = insert(revoked_tokens).values(jti=jti, expires_at=expires_at)
    await connection.execute(statement.on_conflict_do_nothing())


async def revoked(connection: AsyncConnection, now: datetime) -> dict[str, datetime]:
    """Return {jti: expiry} of the tokens that would still be valid; forget the others."""
    await connection.execute(delete(revoked_tokens).where(revoked_tokens.c.expires_at <= now))
    rows = await connection.execute(select(revoked_tokens))
    return {row.jti: row.expires_at for row in rows}


async def failures(connection: AsyncConnection, email: str) -> Failures | None:
    row = (await connection.execute(select(login_failures).where(login_failures.c.email == email))).first()
    return Failures(count=row.failures, blocked_until=row.blocked_until) if row is not None else None


async def save_failures(connection: AsyncConnection, email: str, failed: Failures, now: datetime) -> None:
    """Remember, and forget addresses that were left alone for long."""
    values = {"failures": failed.count, "blocked_until": failed.blocked_until}
    await connection.execute(delete(login_failures).where(login_failures.c.blocked_until < now - FORGOTTEN))
    statement = insert(login_failures).values(email=email, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["email"], set_=values))


async def clear_failures(connection: AsyncConnection, email: str) -> None:
    await connection.execute(delete(login_failures).where(login_failures.c.email == email))


def _user(row: Mapping[Any, Any]) -> User:
    return User(
        id=row["id"],
        email=row["email"],
        password_hash=row["password_hash"],
        role=Role(row["role"]),
        generation=row["generation"],
        created_at=row["created_at"],
    )


def _row(user: User) -> Mapping[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "password_hash": user.password_hash,
        "role": user.role.value,
        "generation": user.generation,
        "created_at": user.created_at,
    }
