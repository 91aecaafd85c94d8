"""Sealing what must be read again later: AES-256-GCM under a key that follows from the hub's own secret. Pure."""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12
_PURPOSE = b"corral: secrets of workflows, 1"


def key_of(secret: str) -> bytes:
    """Return the key for this purpose alone: it gives away neither the secret nor what else follows from it."""
    return hmac.new(secret.encode(), _PURPOSE, hashlib.sha256).digest()


def seal(key: bytes, nonce: bytes, text: str, bound: str) -> bytes:
    """Return the box. `nonce`: 12 random bytes, never the same twice. `bound`: for whom alone it opens."""
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), bound.encode())


def unseal(key: bytes, box: bytes, bound: str) -> str | None:
    """Return what was sealed; None if the key is another, or the box was changed or belongs to somebody else."""
    if len(box) < NONCE:
        return None
    try:
        return AESGCM(key).decrypt(box[:NONCE], box[NONCE:], bound.encode()).decode()
    except InvalidTag:
        return None
