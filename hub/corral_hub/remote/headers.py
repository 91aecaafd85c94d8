"""What requests about files say in their headers, and what the answers do. Pure.

Versions are entity tags, SHA-256 digests stand in `Repr-Digest` (RFC 9530), parts in `Range` and `Content-Range`.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass

from corral_hub.errors import Unprocessable

_TAG = re.compile(r'(?:W/)?"([\x21\x23-\x7e]{1,200})"')
_DIGEST = re.compile(r"(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):", re.IGNORECASE)
_RANGE = re.compile(r"bytes=(\d{1,18})-(\d{0,18})")
_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """`length`: bytes of this request's body, None if it does not say."""

    offset: int = 0
    size: int | None = None
    sha256: str | None = None
    if_version: str | None = None
    if_absent: bool = False


def tag(version: str) -> str:
    return f'"{version}"'


def version_of(header: str | None) -> str | None:
    """Return the version in If-Match; None for any. Raises Unprocessable."""
    if header is None or header.strip() == "*":
        return None
    found = _TAG.fullmatch(header.strip())
    if found is None:
        raise _bad("If-Match", "one version in quotes, as ETag gave it")
    return found.group(1)


def digest(sha256: str) -> str:
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"


def sha256_of(header: str | None) -> str | None:
    """Return the digest as hexadecimal. Raises Unprocessable."""
    if header is None:
        return None
    found = _DIGEST.search(header)
    if found is None:
        raise _bad("Repr-Digest", "sha-256=:BASE64:")
    return base64.b64decode(found.group(1)).hex()


def range_of(header: str | None) -> tuple[int, int | None] | None:
    """Return (offset, length) of one part; None where the whole is asked for, or parts that are not served."""
    found = None if header is None else _RANGE.fullmatch(header.strip())
    if found is None:
        return None
    first, last = int(found.group(1)), found.group(2)
    if not last:
        return first, None
    return (first, int(last) - first + 1) if int(last) >= first else None


def upload(headers: Mapping[str, str]) -> Upload:
    """Raises Unprocessable."""
    offset, size = _extent(headers)
    absent = headers.get("if-none-match")
    if absent is not None and absent.strip() != "*":
        raise _bad("If-None-Match", "*, for a file that must not be there yet")
    return Upload(
        offset=offset, size=size, sha256=sha256_of(headers.get("repr-digest")),
        if_version=version_of(headers.get("if-match")), if_absent=absent is not None,
    )  # fmt: skip


def _extent(headers: Mapping[str, str]) -> tuple[int, int | None]:
    told = headers.get("content-range")
    if told is None:
        length = headers.get("content-length", "")
        return 0, int(length) if length.isdigit() and len(length) < 19 else None
    found = _CONTENT_RANGE.fullmatch(told.strip())
    if found is None or found.group(3) == "*" or int(found.group(2)) + 1 != int(found.group(3)):
        raise _bad("Content-Range", "bytes FIRST-LAST/SIZE up to the end of the file")
    return int(found.group(1)), int(found.group(3))


def _bad(name: str, wanted: str) -> Unprocessable:
    return Unprocessable("header_invalid", f"the header {name} cannot be used", f"write {name}: {wanted}")
