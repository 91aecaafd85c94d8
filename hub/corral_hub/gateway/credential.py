"""A connection lasts no longer than the credential it was opened with."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from sqlalchemy.exc import DBAPIError

from corral_hub.accounts.model import Principal
from corral_hub.db.database import UNREACHABLE
from corral_hub.errors import Refused, Unauthenticated

log = structlog.get_logger()
AUTH_REFUSED = 4401
RECHECK = 2.0
"""Seconds between two looks at whether the credential still counts."""


async def watch_credential(identify: Callable[[], Awaitable[Principal]]) -> None:
    """Raise Unauthenticated once the credential counts no more: logged out, expired, its machine removed."""
    while True:
        await asyncio.sleep(RECHECK)
        try:
            await identify()
        except Refused as error:
            raise Unauthenticated("login_ended", "your login counts no more", "log in again: corral login") from error
        except (*UNREACHABLE, DBAPIError) as error:
            log.warning("credential_not_checked", error=str(error)[:200])
