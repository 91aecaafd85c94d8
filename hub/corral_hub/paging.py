"""Listings page by page, newest first: the cursor names the last row that was shown. Pure."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from corral_hub.errors import Unprocessable


def cursor(created_at: datetime, id: UUID) -> str:
    """Return the text that stands for this row."""
    return base64.urlsafe_b64encode(f"{created_at.isoformat()}|{id}".encode()).decode()


def read_cursor(text: str) -> tuple[datetime, UUID]:
    """Return what `cursor` was made from. Raises Unprocessable."""
    try:
        moment, _, id = base64.b64decode(text, altchars=b"-_", validate=True).decode().partition("|")
        parsed = datetime.fromisoformat(moment)
        if parsed.tzinfo is None:
            raise ValueError("no time zone")
        return parsed, UUID(id)
    except (ValueError, binascii.Error) as error:
        raise Unprocessable("bad_cursor", "the cursor cannot be read", "pass next_cursor as you got it") from error
