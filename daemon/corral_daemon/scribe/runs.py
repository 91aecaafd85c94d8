"""Text with changes of style in it, as it stands between two other controls. Pure.

Agents draw the same lines again and again. What such a line looks like is worked out once.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from corral_daemon.scribe.style import Style, restyled

NARROW = re.compile(
    r"[ -~\xa1-\xac\xae-\u02ff\u0391-\u03a1\u03a3-\u03c9\u0400-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e"
    r"\u2190-\u2319\u231c-\u2328\u232b-\u23e8\u2500-\u25fc\u25ff-\u2613\u2800-\u28ff]+"
)
"""Characters that are surely one cell wide: what all but a few texts consist of."""
_PARTS = re.compile(r"\x1b\[([0-9;:]*)m|([^\x1b]+)")
_LONGEST = 1024


class Run(NamedTuple):
    """`text`: a character a cell. `style`: the one that goes on. `printed`: the character that it ends with, if any."""

    text: str
    styles: tuple[Style, ...]
    style: Style
    printed: str


def known(style: Style, said: str) -> Run | None:
    """Return what a run that begins in `style` looks like; None if that has to be found out part by part."""
    return _known(style, said) if len(said) <= _LONGEST else None


def parts(said: str) -> list[tuple[str, str]]:
    """Return (parameters of a change of style, "") or ("", text) for each part."""
    return _PARTS.findall(said)


@lru_cache(4096)
def _known(style: Style, said: str) -> Run | None:
    texts: list[str] = []
    styles: list[Style] = []
    text = ""
    for parameters, text in parts(said):
        if not text:
            style = restyled(style, parameters)
        elif NARROW.fullmatch(text):
            texts.append(text)
            styles += [style] * len(text)
        else:
            return None
    return Run("".join(texts), tuple(styles), style, text[-1:])
