"""A refusal of the hub (problem+json) → the error the CLI raises. Pure."""

from collections.abc import Mapping
from typing import Any

from corral_cli.errors import (
    CliError,
    Conflict,
    Failed,
    NotFound,
    NotPermitted,
    TryLater,
    Unreachable,
    Usage,
)

_BY_CODE: Mapping[str, type[CliError]] = {
    "ambiguous_id": Usage,
    "ambiguous_name": Usage,
    "contract_unfulfilled": Failed,
    "contracts_unfulfilled": Failed,
    "invalid_workflow": Failed,
}
"""Codes whose meaning differs from what their HTTP status says about a command line."""

_BY_STATUS: Mapping[int, type[CliError]] = {
    400: Usage,
    401: NotPermitted,
    403: NotPermitted,
    404: NotFound,
    409: Conflict,
    410: NotFound,
    412: Conflict,
    413: Usage,
    422: Usage,
    429: TryLater,
    502: Unreachable,
    503: TryLater,
    504: Unreachable,
}

HINTS: Mapping[str, str] = {
    "ambiguous_id": "Type more characters of the id; the candidates are listed above.",
    "bad_credentials": "Check the e-mail and the password; after several wrong ones the hub makes you wait.",
    "closed": "Ask an admin for an account: registration is closed once the first one exists.",
    "illegal_transition": "`corral task show ID` shows the state the task is in now; only the listed moves are legal.",
    "registration_closed": "Ask an admin for an account: registration is closed once the first one exists.",
    "stale_epoch": "This attempt was given to somebody else; stop working on it and run `corral task check`.",
    "too_many_attempts": "Wait before the next login; every further wrong try makes the wait longer.",
}
"""What to do next, for refusals that came without a hint."""

_KNOWN = frozenset({"type", "title", "status", "detail", "code", "hint", "instance"})


def read_problem(status: int, body: Any, retry_after: str | None = None) -> CliError:
    """Return the error for a non-2xx answer; `body` is its JSON, or text if it was none."""
    problem: Mapping[str, Any] = body if isinstance(body, dict) else {}
    code = str(problem.get("code") or f"http_{status}")
    kind = _BY_CODE.get(code) or _BY_STATUS.get(status, Failed)
    hint = str(problem.get("hint") or HINTS.get(code) or _hint_for(kind, status))
    if retry_after:
        hint = f"{hint} The hub asks to wait {retry_after} s."
    details = {key: value for key, value in problem.items() if key not in _KNOWN and value not in (None, [], {}, "")}
    return kind(_message(status, body, problem), code=code, hint=hint, details=details)


def _message(status: int, body: Any, problem: Mapping[str, Any]) -> str:
    detail = problem.get("detail")
    if isinstance(detail, str) and detail:
        return detail
    if isinstance(detail, list) and detail:
        return "the hub refused the request: " + "; ".join(_invalid(entry) for entry in detail[:5])
    if problem.get("title"):
        return str(problem["title"])
    text = body.strip()[:200] if isinstance(body, str) else ""
    return f"the hub answered {status}" + (f": {text}" if text else "")


def _invalid(entry: Any) -> str:
    """Name one entry of a FastAPI validation list."""
    if not isinstance(entry, dict):
        return str(entry)
    where = "/".join(str(part) for part in entry.get("loc", ()))
    return f"{where}: {entry.get('msg', 'invalid')}"


def _hint_for(kind: type[CliError], status: int) -> str:
    if status == 403:
        return "Your role does not allow this; `corral whoami` shows it. An admin can change it."
    if status >= 500 and kind is Failed:
        return "This is a fault of the hub, not of your command: its log says more. Trying again may help."
    return ""
