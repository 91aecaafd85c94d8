"""A login that the browser keeps: the cookie with the token, and which requests it counts for. Pure.

No script can read it (HttpOnly) and no other site's page sends it (SameSite=Strict). Other ports of the same host are
the same site, however, so whatever changes something must also come from a page of the hub's own.
"""

from collections.abc import Mapping

from corral_hub.errors import Forbidden

NAME = "corral_session"
SECURE = "__Host-corral_session"
"""The name over TLS. Browsers take it from no other host, and only together with Secure and Path=/."""
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def is_secure(public_url: str, scheme: str, forwarded: str | None) -> bool:
    """Return whether the browser talks TLS: to us, or to whoever stands in front of us."""
    return public_url.startswith("https://") or "https" in (scheme, (forwarded or "").strip().lower())


def keep(token: str, seconds: int, secure: bool) -> str:
    """Return the value of Set-Cookie that keeps a login."""
    return _written(SECURE if secure else NAME, token, seconds, secure)


def forget() -> tuple[str, ...]:
    """Return the values of Set-Cookie that end it, under either name."""
    return _written(NAME, "", 0, False), _written(SECURE, "", 0, True)


def find(cookies: Mapping[str, str]) -> str | None:
    """Return the token that the browser sent."""
    return cookies.get(SECURE) or cookies.get(NAME) or None


def check_own_page(method: str, origin: str | None, site: str | None) -> None:
    """Raise Forbidden unless the request comes from a page of ours, or changes nothing.

    `origin`: the Origin header, which the doorway has compared with our address. `site`: Sec-Fetch-Site, which browsers
    send to what they trust (TLS, localhost), and which no page can forge.
    """
    if method in SAFE or site == "same-origin" or (site is None and origin is not None):
        return
    raise Forbidden(
        "foreign_page",
        "a login by cookie changes things from the hub's own pages only",
        "scripts authenticate with an API key: corral key create",
    )


def _written(name: str, value: str, seconds: int, secure: bool) -> str:
    ending = "; Secure" if secure else ""
    return f"{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Strict{ending}"
