"""The secret that signs tokens: given by a setting, or made once and kept beside the data."""

import os
from pathlib import Path

from corral_hub import clock
from corral_hub.errors import StartupError
from corral_hub.settings import Settings, check_private

SHORTEST = 32


def load_secret(settings: Settings) -> str:
    """Return the signing secret. Raises StartupError when the file cannot be used."""
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    path = settings.home / "secret.key"
    try:
        if not path.exists():
            _create(path, clock.new_secret(48))
        check_private(path)
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise StartupError(f"{path} cannot be used: {error}. Make it readable, or set CORRAL_SECRET.") from error
    if len(secret) < SHORTEST:
        raise StartupError(
            f"{path} holds less than {SHORTEST} characters. Remove it: a new one is made, everybody logs in again,"
            " and secrets of webhooks are to be written anew."
        )
    return secret


def _create(path: Path, secret: str) -> None:
    """Write the file whole or not at all; the first of several hubs that start together wins."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink(missing_ok=True)
