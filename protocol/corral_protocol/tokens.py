"""Registration tokens: `orcreg_<urlsafe-base64 hub URL>.<secret>`, self-contained, so that joining needs one paste."""

import base64
import binascii
from dataclasses import dataclass

PREFIX = "orcreg_"


class BadToken(ValueError):
    """The text is not a registration token; the message says which part is wrong."""


@dataclass(frozen=True, slots=True)
class RegistrationToken:
    hub_url: str
    secret: str


def format_token(hub_url: str, secret: str) -> str:
    encoded = base64.urlsafe_b64encode(hub_url.encode()).decode().rstrip("=")
    return f"{PREFIX}{encoded}.{secret}"


def parse_token(text: str) -> RegistrationToken:
    """Return the parts. Only the first dot separates; padding may be missing, blanks around it too. Raises BadToken."""
    text = text.strip()
    if not text.startswith(PREFIX):
        raise BadToken(f"a registration token starts with {PREFIX}")
    encoded, dot, secret = text[len(PREFIX) :].partition(".")
    if not dot or not secret:
        raise BadToken("the token has no secret part; copy it whole, including what follows the dot")
    try:
        raw = base64.b64decode(encoded.encode("ascii") + b"=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
        url = raw.decode()
    except (binascii.Error, UnicodeError) as error:
        raise BadToken("the hub URL inside the token cannot be read; copy the token again") from error
    if not url.startswith(("http://", "https://")) or not url.partition("://")[2].strip("/"):
        raise BadToken("the token does not hold an http(s) URL")
    return RegistrationToken(url.rstrip("/"), secret)
