"""Secrets in a stream of bytes become stars of equal length, also when they come in pieces. Pure.

Masked are every secret as UTF-8, as URLs carry it, and as base64 carries it wherever it begins in what was encoded;
of the latter the characters that depend on nothing but the secret. Secrets shorter than SHORTEST bytes are left alone:
they would be found in anything.

Looking for dozens of secrets in each byte of a flood has to cost next to nothing where there is none. A few bytes are
chosen that are rare in what terminals show and of which every form has one. One search a byte finds where it stands
with two more bytes of a secret behind it, and only there is compared. (One search for all of them is several times
slower: it would have to look up every byte in a table.)
"""

import base64
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote, quote_plus

SHORTEST = 6
_COMMON = b" e'trans,io\nlcdupm0123456789;[f\"_()g.h\\-by:x\r=SE|TwNCvkLARI]#OPD*UM/F+?~GB`HKWqVzj><{^}%XY!$Q@Z&J"
_DECAY = 0.93
"""Each of these bytes is about so much rarer in what programs print than the one before it."""
_SEARCH = 0.005
"""What a search costs by itself, in the same unit: as much as so many places per byte that have to be looked at."""

Span = tuple[int, int]


class _Probe(NamedTuple):
    """A form of a secret, and where in it the bytes are that are looked for."""

    form: bytes
    at: int


class Masker:
    """`held` bytes at the end may begin a secret and wait for the next call, or for `flush`."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms = sorted({form for secret in secrets for form in forms(secret)})
        self._firsts = re.compile(_one_of({form[0] for form in self._forms} or {0}))
        self._longest = max(map(len, self._forms), default=0)
        self._probes = _plan(self._forms)
        self._searches = [(bytes([first]), _search(first, self._probes)) for first in {key[0] for key in self._probes}]
        self._tail = b""
        self._covered = 0
        self._shown = 0

    @property
    def held(self) -> int:
        return len(self._tail) - self._shown

    @property
    def longest(self) -> int:
        """Bytes of the longest form: as far back a secret may begin that has not ended yet."""
        return self._longest

    def mask(self, data: bytes) -> bytes:
        """Return what was held and `data`, masked, without what is held now."""
        if not self._forms:
            return data
        whole = self._tail + data if self._tail else data
        found = list(self._found(whole))
        keep = self._beginning(whole)
        clear = _starred(whole, [(0, self._covered), *found]) if found or self._covered else whole
        out = clear[self._shown : keep]
        reaching = (end - keep for start, end in found if start < keep)
        self._covered = max(0, self._covered - keep, *reaching)
        self._tail, self._shown = whole[keep:], max(0, self._shown - keep)
        return out

    def flush(self) -> bytes:
        """Return what is held, as it is: nothing more comes for a while. Should a secret go on, its rest is masked."""
        held = _starred(self._tail, [(0, self._covered)])[self._shown :]
        self._shown = len(self._tail)
        return held

    def _found(self, whole: bytes) -> Iterator[Span]:
        """Every place where a form stands, also those that overlap."""
        for first, search in self._searches:
            if first not in whole:
                continue
            for hit in search.finditer(whole):
                place = hit.start()
                for form, at in self._probes[whole[place : place + 3]]:
                    if place >= at and whole.startswith(form, place - at):
                        yield place - at, place - at + len(form)

    def _beginning(self, whole: bytes) -> int:
        """Where the longest end of `whole` begins that is the beginning of a form; its length if there is none."""
        for hit in self._firsts.finditer(whole, max(0, len(whole) - self._longest + 1)):
            end = whole[hit.start() :]
            index = bisect_left(self._forms, end)
            index += index < len(self._forms) and self._forms[index] == end
            if index < len(self._forms) and self._forms[index].startswith(end):
                return hit.start()
        return len(whole)


def forms(secret: str) -> Iterator[bytes]:
    """Yield the bytes under which a secret appears; a terminal ends lines in its own way, so each line is one, too."""
    for part in {secret, *secret.splitlines()}:
        yield from _forms(part)


def _forms(secret: str) -> Iterator[bytes]:
    plain = secret.encode("utf-8", "surrogatepass")
    if len(plain) < SHORTEST:
        return
    yield plain
    yield quote(plain).encode()
    yield quote(plain, safe="").encode()
    yield quote_plus(plain).encode()
    for before in range(3):
        # Characters of 6 bits: cut those off that also carry bits of what stands before or after.
        first, last = -(-before * 8 // 6), (before + len(plain)) * 8 // 6
        coded = base64.b64encode(bytes(before) + plain)[first:last]
        if len(coded) >= SHORTEST:
            yield coded
            yield coded.translate(bytes.maketrans(b"+/", b"-_"))


def _plan(found: list[bytes]) -> dict[bytes, list[_Probe]]:
    """Choose three bytes of every form, beginning with one of as few and rare bytes as will do."""
    probes: dict[bytes, list[_Probe]] = {}
    left = found
    while left:
        first = min({byte for form in left for byte in form[:-2]}, key=lambda byte: _price(byte, left))
        for form in left:
            if (at := form[:-2].find(first)) >= 0:
                probes.setdefault(form[at : at + 3], []).append(_Probe(form, at))
        left = [form for form in left if first not in form[:-2]]
    return probes


def _price(byte: int, left: list[bytes]) -> float:
    rank = _COMMON.find(byte)
    return (_SEARCH + _DECAY ** (rank if rank >= 0 else len(_COMMON))) / sum(byte in form[:-2] for form in left)


def _search(first: int, probes: Iterable[bytes]) -> re.Pattern[bytes]:
    rests = sorted(probe[1:] for probe in probes if probe[0] == first)
    second, third = (_one_of({rest[place] for rest in rests}) for place in (0, 1))
    exact = b"|".join(map(re.escape, rests))
    return re.compile(re.escape(bytes([first])) + b"(?=" + second + third + b")(?=" + exact + b")")


def _one_of(choice: set[int]) -> bytes:
    return b"[" + b"".join(re.escape(bytes([byte])) for byte in sorted(choice)) + b"]"


def _starred(data: bytes, spans: Iterable[Span]) -> bytes:
    stars = bytearray(data)
    for start, end in spans:
        stars[start:end] = b"*" * (end - start)
    return bytes(stars)
