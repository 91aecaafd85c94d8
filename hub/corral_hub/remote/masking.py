"""A command as the activity log keeps it: what looks like a secret is starred, and it has an end. Pure."""

import re
from collections.abc import Sequence

MOST_WORDS = 64
LONGEST_WORD = 200
STARS = "***"
_READ = 1000
_NAMES = r"(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|auth)"
_OPTION = re.compile(rf"-{{1,2}}[\w.-]{{0,60}}{_NAMES}", re.IGNORECASE)
_ASSIGNED = re.compile(rf"({_NAMES}[\w.-]{{0,60}}[\"']?\s{{0,4}}[=:]\s{{0,4}})(\"[^\"]*\"|'[^']*'|\S+)", re.IGNORECASE)
_BEARER = re.compile(r"\b(bearer|basic)\s{1,4}\S+", re.IGNORECASE)
_IN_URL = re.compile(r"(\b\w{1,20}://[^\s/:@]{0,100}):[^\s/@]+@")
_KNOWN = re.compile(
    r"\b(?:orc_|ghp_|gho_|ghs_|github_pat_|glpat-|sk-|xox[abpr]-|AKIA|hf_|npm_|pypi-)[\w-]{6,}"
    r"|\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*"
)


def masked(argv: Sequence[str]) -> list[str]:
    """Return the words as they may be kept."""
    kept: list[str] = []
    hide = False
    for word in argv[:MOST_WORDS]:
        kept.append(STARS if hide else _shortened(_cleared(word)))
        hide = _OPTION.fullmatch(word) is not None
    if len(argv) > MOST_WORDS:
        kept.append(f"… {len(argv) - MOST_WORDS} more")
    return kept


def _cleared(word: str) -> str:
    word = _BEARER.sub(rf"\1 {STARS}", word[:_READ])
    word = _ASSIGNED.sub(rf"\1{STARS}", word)
    word = _IN_URL.sub(rf"\1:{STARS}@", word)
    return _KNOWN.sub(STARS, word)


def _shortened(word: str) -> str:
    return word if len(word) <= LONGEST_WORD else f"{word[:LONGEST_WORD]}…"
