"""From the bytes of a terminal to text that can be cut into whole control sequences. Pure.

The grammar is that of DEC's terminals as xterm reads it: ESC begins anew wherever it stands; in a control sequence
(CSI) other control characters take effect at once; CAN and SUB break it off. C1 controls, which in UTF-8 are two bytes,
are nothing special. So every ESC in the bytes is the beginning of something, which is what `squeeze` relies on.
"""

import codecs
import re

LONGEST = 4096
"""Characters of one sequence. A longer one, an image for instance, has no effect on the screens that we keep."""

LONGEST_SEQUENCE = 256
"""Characters between ESC [ and its end; a longer one is passed over."""

# What `Reader.read` returns ends where a sequence begins or nothing is unfinished: its end ends a string as ESC does.
TOKEN = re.compile(
    r"((?:[^\x00-\x1f\x7f]++|\x1b\[[0-9;:]{0,255}+m)++)"  # 1: text, and changes of its style
    r"|\x1b\[([<=>?]?[0-9;:]*[ -/]*[@-~])"  # 2: a control sequence
    r"|(\r?\n|[\x00-\x1a\x1c-\x1f\x7f])"  # 3: a control character
    r"|\x1b([ -/]+[0-~]|[0-OQ-WYZ\\`-~])"  # 4: an escape sequence
    r"|\x1b(\][^\x07\x18\x1a\x1b]*(?:\x07|(?=\x1b|\Z))|[PX^_][^\x18\x1a\x1b]*(?=\x1b|\Z))"  # 5: a string
    r"|\x1b\[([\x00-\x17\x19\x1c-\x3f\x7f]*(?:[@-~]|(?=[^\x00-\x7f])|[\x18\x1a]|(?=\x1b|\Z)))"  # 6: CSI, mixed
    r"|\x1b(?:[\]PX^_][^\x18\x1a\x1b]*[\x18\x1a]|[ -/]*)"  # broken off
)
TEXT, CSI, CONTROL, ESCAPE, STRING, ODD = range(1, 7)

_UNFINISHED = re.compile(
    r"\x1b(?:[ -/]*|\[[\x00-\x17\x19\x1c-\x3f\x7f]*|\][^\x07\x18\x1a]*|[PX^_][^\x18\x1a]*)",
)
_ENDS = {
    "[": re.compile(r"[@-~\x18\x1a]|(?=[\x1b\x80-\U0010ffff])"),
    "]": re.compile(r"[\x07\x18\x1a]|(?=\x1b)"),
    **dict.fromkeys("PX^_", re.compile(r"[\x18\x1a]|(?=\x1b)")),
    **dict.fromkeys(map(chr, range(0x20, 0x30)), re.compile(r"[0-~]|(?=[^ -~])")),
}


class Reader:
    """Keeps what is unfinished at the end of one piece for the next: half a character, half a sequence."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._unfinished = ""
        self._skips = ""

    @property
    def skips(self) -> bool:
        """Whether this is the middle of something too long to be kept."""
        return self._skips != ""

    @property
    def unfinished(self) -> bytes:
        """What has been read and not returned, or as much of it as makes what follows be skipped."""
        half, _ = self._decoder.getstate()
        return (self._skips or self._unfinished).encode() + half

    def read(self, data: bytes) -> str:
        """Return what is whole now."""
        text = self._unfinished + self._decoder.decode(data)
        if self._skips:
            text = self._skip(text)
        self._unfinished = ""
        last = text.rfind("\x1b")
        if last < 0 or not _UNFINISHED.fullmatch(text, last):
            return text
        if len(text) - last > LONGEST:
            self._skips = text[last : last + 2]
        else:
            self._unfinished = text[last:]
        return text[:last]

    def take_back(self) -> bytes:
        """Return what is unfinished and keep nothing of it: it will be read again."""
        whole = self.unfinished
        self._decoder.reset()
        self._unfinished = ""
        return whole

    def _skip(self, text: str) -> str:
        end = _ENDS[self._skips[1]].search(text)
        if end is None:
            return ""
        self._skips = ""
        return text[end.end() :]
