"""Which names the hub answers to, and which web pages may ask it. Pure.

A page that resolves its own name to this machine (DNS rebinding) still sends its own name as the host; a page of
elsewhere says so in `Origin`. Programs send no origin.
"""

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_ours(host: str | None, names: frozenset[str]) -> bool:
    """Return whether a request for `host` can be meant for the hub: by an address, as localhost, or by a known name."""
    if not host:
        return True
    try:
        name = (urlsplit(f"//{host.strip()}").hostname or "").rstrip(".")
    except ValueError:
        return False
    return name in names or name == "localhost" or name.endswith(".localhost") or _is_address(name)


def known_names(*urls: str) -> frozenset[str]:
    """Return the host names of these URLs."""
    return frozenset(name for url in urls if (name := urlsplit(url).hostname))


def is_allowed(origin: str | None, host: str | None, public_url: str) -> bool:
    """Return whether a connection from `origin` is one of the hub's own pages, or of no page at all.

    Only host and port are compared: behind a proxy that ends TLS the hub does not see the scheme.
    """
    if origin is None:
        return True
    try:
        place = urlsplit(origin.strip()).netloc.lower()
        return place != "" and place in {(host or "").strip().lower(), urlsplit(public_url).netloc.lower()}
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
