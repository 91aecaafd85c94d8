"""What can go wrong, as a tree; each leaf knows its HTTP status, its stable code and what to do next.

Refused
├── Unauthenticated   401
├── Forbidden         403
├── NotFound          404
├── MethodNotAllowed  405
├── Conflict          409
├── Unprocessable     422
├── Misdirected       421
├── TooMany           429
├── BadGateway        502
├── Unavailable       503
└── TimedOut          504
StartupError          the hub cannot start; the message is for the terminal
"""

from collections.abc import Mapping
from typing import Any, ClassVar


class Refused(Exception):
    """A request that cannot be served as asked. `code` is stable and public, `hint` says what to do next."""

    status: ClassVar[int] = 400

    def __init__(self, code: str, detail: str, hint: str = "", **extras: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.hint = hint
        self.extras = extras

    def problem(self) -> Mapping[str, Any]:
        """Return the RFC 9457 body."""
        return {
            "type": f"urn:corral:problem:{self.code}",
            "title": self.code.replace("_", " "),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "hint": self.hint,
            **self.extras,
        }


class Unauthenticated(Refused):
    status = 401


class Forbidden(Refused):
    status = 403


class NotFound(Refused):
    status = 404


class MethodNotAllowed(Refused):
    status = 405


class Conflict(Refused):
    status = 409


class TooLarge(Refused):
    status = 413


class Misdirected(Refused):
    status = 421


class Unprocessable(Refused):
    status = 422


class TooMany(Refused):
    status = 429


class BadGateway(Refused):
    status = 502


class Unavailable(Refused):
    status = 503


class TimedOut(Refused):
    status = 504


class StartupError(Exception):
    """The hub cannot start. The text says what happened, why, and what to do."""
