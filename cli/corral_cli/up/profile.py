"""The login of the person who ran `corral up`, kept where every other `corral` command looks for it."""

import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from corral_cli.config_file import read_document, save_profile, user_path
from corral_cli.settings import DEFAULT_PROFILE, same_url

LOCAL_PROFILE = "local"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def log_in(url: str, token: str) -> str | None:
    """Store the login. Return the profile's name if commands must name it, None if it is the current one anyway."""
    path = user_path(os.environ)
    document = read_document(path)
    name, current = choose_profile(document, url)
    save_profile(path, name, {"hub_url": url, "token": token}, use=current)
    return None if current else name


def choose_profile(document: Mapping[str, Any], url: str) -> tuple[str, bool]:
    """Return the profile to write and whether it is the current one; a login to a distant hub is never replaced."""
    current = str(document.get("profile") or DEFAULT_PROFILE)
    known = document.get("profiles", {}).get(current, {}).get("hub_url")
    free = not known or same_url(known, url) or urlsplit(known).hostname in _LOOPBACK
    return (current, True) if free else (LOCAL_PROFILE, False)
