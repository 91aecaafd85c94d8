"""Which web pages may open a WebSocket. Browsers say where a page came from; programs say nothing. Pure."""

from urllib.parse import urlsplit


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
