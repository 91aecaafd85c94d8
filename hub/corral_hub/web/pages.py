"""Which file answers a request for a page, and what the answer tells the browser. Pure."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

INDEX = "index.html"
HASHED = "assets/"
"""Below it the name of a file holds the hash of its content: what was fetched once never changes."""
RESERVED = frozenset({"api", "ws", "webhook", "healthz", "readyz", "metrics", "openapi.json"})
"""First parts of paths that programs ask for; whoever mistypes one gets a problem, not a page."""
CODINGS: Mapping[str, str] = {".br": "br", ".gz": "gzip"}
"""Suffixes of compressed twins, the smaller first."""
TYPES: Mapping[str, str] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".wasm": "application/wasm",
    ".txt": "text/plain; charset=utf-8",
    ".map": "application/json",
}
# Scripts come from files of ours alone. Styles may stand in the page: the terminal (xterm.js) draws with style elements
# it writes itself, and no script can run from one.
POLICY = "; ".join(
    (
        "default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:",
        "font-src 'self'", "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'",
        "form-action 'none'", "frame-ancestors 'none'",
    )
)  # fmt: skip
SAFETY: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
FOREVER = "public, max-age=31536000, immutable"
NOT_BUILT = """\
The hub runs; its dashboard is not built.

Build it with `make dashboard` in Corral's folder, then load this page again.
Until then everything can be done with `corral` (see corral --help) and the API (/openapi.json).
"""


@dataclass(frozen=True, slots=True)
class Page:
    """One built file, with its compressed twins by coding."""

    name: str
    content: bytes
    twins: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def tag(self) -> str:
        return hashlib.sha256(self.content).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    content: bytes = b""


def shelve(files: Mapping[str, bytes]) -> Mapping[str, Page]:
    """Return pages by name; `x.js.br` beside `x.js` is no page but its twin."""
    twins = {name for name in files if _plain(name) in files}
    return {
        name: Page(name, content, _twins(name, files))
        for name, content in files.items()
        if name not in twins and not any(part.startswith(".") for part in PurePosixPath(name).parts)
    }


def _plain(name: str) -> str | None:
    """Return what this would be a twin of."""
    return next((name.removesuffix(suffix) for suffix in CODINGS if name.endswith(suffix)), None)


def _twins(name: str, files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    return {coding: files[name + suffix] for suffix, coding in CODINGS.items() if name + suffix in files}


def is_for_programs(path: str) -> bool:
    return path.removeprefix("/").partition("/")[0] in RESERVED


def find(path: str, accept: str, shelf: Mapping[str, Page]) -> Page | None:
    """Return the file of this name; or the page that finds its way by itself, for whoever would read a page."""
    name = path.removeprefix("/")
    if (page := shelf.get(name)) is not None:
        return page
    reads = name == "" or "text/html" in accept.lower()
    return shelf.get(INDEX) if reads and not name.startswith(HASHED) else None


def answer(page: Page, accepted: str, known: str) -> Reply:
    """Return the answer to somebody who takes these codings (Accept-Encoding) and has these tags (If-None-Match)."""
    hashed = page.name.startswith(HASHED)
    headers = {
        **SAFETY,
        "Content-Type": TYPES.get(PurePosixPath(page.name).suffix, "application/octet-stream"),
        "Cache-Control": FOREVER if hashed else "no-cache",
        "ETag": f'W/"{page.tag}"',
        "Vary": "Accept-Encoding",
    }
    if _knows(known, page.tag):
        return Reply(304, headers)
    coding = choose(accepted, page.twins)
    if coding is None:
        return Reply(200, headers, page.content)
    return Reply(200, {**headers, "Content-Encoding": coding}, page.twins[coding])


def not_built() -> Reply:
    return Reply(
        200,
        {**SAFETY, "Content-Type": TYPES[".txt"], "Cache-Control": "no-store"},
        NOT_BUILT.encode(),
    )


def choose(accepted: str, offered: Iterable[str]) -> str | None:
    """Return the first coding on offer that the browser takes; None for the file as it is."""
    takes = dict(_coding(item) for item in accepted.lower().split(","))
    return next((coding for coding in offered if takes.get(coding, takes.get("*", False))), None)


def _coding(item: str) -> tuple[str, bool]:
    """`gzip;q=0` says that it is not taken."""
    name, _, quality = item.partition(";")
    weight = quality.strip().removeprefix("q=").strip()
    return name.strip(), not (weight and weight.strip("0.") == "")


def _knows(known: str, tag: str) -> bool:
    return any(item.strip().removeprefix("W/").strip('"') in (tag, "*") for item in known.split(","))
