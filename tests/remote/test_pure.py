"""The pure parts, for whatever comes: paths stay below, windows stay bounded, headers say what was meant."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_cli.errors import Usage
from corral_cli.remote.address import into, parse
from corral_cli.remote.meter import bar_line
from corral_daemon.rooted.paths import PathRefused, span, split
from corral_hub.errors import Unprocessable
from corral_hub.remote import headers
from corral_hub.remote.collecting import LIMIT, Collected
from corral_hub.remote.masking import LONGEST_WORD, MOST_WORDS, STARS, masked
from corral_protocol.codec import Malformed
from corral_protocol.credit import MOST_FRAMES, Credit
from corral_protocol.frames import Kind, pack
from corral_protocol.remote import FIRST_CHANNEL, is_remote

NAMES = st.lists(st.sampled_from(["a", "..", ".", "", "b c", "ü", "\0", "x" * 300, "\udcff"]), max_size=8)


@given(st.one_of(st.text(max_size=60), NAMES.map("/".join)))
def test_a_path_never_climbs(path: str) -> None:
    try:
        names = split(path)
    except PathRefused:
        return
    for name in names:
        assert name not in ("", ".", "..")
        assert "/" not in name and "\0" not in name
    assert not path.startswith("/")


@given(NAMES)
def test_what_climbs_anywhere_is_refused(names: list[str]) -> None:
    with pytest.raises(PathRefused):
        split("/".join(["a", *names, "..", "a"]))


@given(st.integers(0, 100), st.integers(-5, 120), st.none() | st.integers(-5, 120))
def test_a_part_is_within_the_file(size: int, offset: int, length: int | None) -> None:
    part = span(size, offset, length)
    content = bytes(size)
    if part is None:
        assert offset < 0 or offset > size or (length is not None and length < 0)
    else:
        assert len(content[offset:][:length]) == part[1] and part[0] == offset
        assert part[0] + part[1] <= size


@given(st.integers(0, 1000), st.lists(st.tuples(st.booleans(), st.integers(0, 200))))
def test_no_more_than_a_window_is_on_its_way(start: int, steps: list[tuple[bool, int]]) -> None:
    credit = Credit(100, start)
    for sends, count in steps:
        if sends:
            size = min(count, credit.room)
            assert credit.send(size) + size == credit.sent
        elif credit.acked + count <= credit.sent:
            credit.acknowledge(credit.acked + count)
        else:
            with pytest.raises(Malformed):
                credit.acknowledge(credit.sent + 1)
        assert 0 <= credit.sent - credit.acked <= 100
        assert credit.room == 100 - (credit.sent - credit.acked)
        assert credit.allows(credit.room) and not credit.allows(101)


def test_small_frames_count_as_well() -> None:
    credit = Credit(1 << 20)
    for _ in range(MOST_FRAMES):
        assert credit.allows(1)
        credit.send(1)
    assert not credit.room and not credit.allows(0)
    credit.acknowledge(1)
    assert credit.room


@given(st.integers(0, 2**32 - 1))
def test_a_frame_belongs_to_one_side(channel: int) -> None:
    assert is_remote(pack(Kind.ACK, channel, 0)) is (channel >= FIRST_CHANNEL)


@given(st.binary(), st.integers(0, 2**40), st.integers(1, 2**40))
def test_headers_come_back_as_they_were_said(content: bytes, offset: int, more: int) -> None:
    sha256 = hashlib.sha256(content).hexdigest()
    size = offset + more
    told = headers.upload(
        {
            "repr-digest": headers.digest(sha256),
            "content-range": f"bytes {offset}-{size - 1}/{size}",
            "if-match": '"v1"',
        }
    )
    assert (told.sha256, told.offset, told.size, told.if_version) == (sha256, offset, size, "v1")
    assert headers.range_of(f"bytes={offset}-{size - 1}") == (offset, more)
    assert headers.range_of(f"bytes={offset}-") == (offset, None)


@given(st.text(max_size=60), st.sampled_from(["repr-digest", "content-range", "if-match", "if-none-match", "range"]))
def test_any_header_is_read_or_refused(text: str, name: str) -> None:
    headers.range_of(text)
    try:
        told = headers.upload({name: text})
    except Unprocessable:
        return
    assert told.offset >= 0 and (told.size is None or told.offset < told.size or told.size == 0)


@given(st.lists(st.text(max_size=300), min_size=1, max_size=100))
def test_what_is_kept_of_a_command_is_bounded(argv: list[str]) -> None:
    kept = masked(argv)
    assert len(kept) <= MOST_WORDS + 1
    assert all(len(word) <= LONGEST_WORD + 1 for word in kept)


@pytest.mark.parametrize(
    "argv",
    [
        ["curl", "-H", "Authorization: Bearer SECRET99"],
        ["tool", "--token", "SECRET99"],
        ["tool", "--api-key=SECRET99"],
        ["sh", "-c", "export DB_PASSWORD='SECRET99 SECRET99'; run"],
        ["env", "GITHUB_TOKEN=SECRET99", "run"],
        ["git", "clone", "https://me:SECRET99@example.org/x"],
        ["tool", "ghp_SECRET99SECRET99"],
        ["sh", "-c", '{"api_key": "SECRET99"}'],
        ["mysql", "--password", "SECRET99"],
    ],
)
def test_what_looks_like_a_secret_is_starred(argv: list[str]) -> None:
    kept = masked(argv)
    assert "SECRET99" not in " ".join(kept)
    assert STARS in " ".join(kept)


def test_what_does_not_stays_readable() -> None:
    argv = ["make", "-j8", "test", "CC=clang", "https://example.org/a:b@c"]
    assert masked(argv) == argv


@given(st.lists(st.tuples(st.sampled_from([Kind.STDOUT, Kind.STDERR]), st.binary(max_size=40))))
def test_an_answer_says_what_it_left_out(pieces: list[tuple[Kind, bytes]]) -> None:
    collected, offset = Collected(), 0
    for kind, data in pieces:
        assert collected.take(pack(kind, FIRST_CHANNEL, offset, data)) == offset + len(data)
        offset += len(data)
    whole = b"".join(data for kind, data in pieces if kind is Kind.STDOUT)
    answer = collected.view()
    assert (answer["stdout_bytes"], answer["stdout_truncated"]) == (len(whole), len(whole) > LIMIT)
    assert answer["stdout"] == whole.decode("utf-8", "replace")
    assert ("stdout_base64" in answer) is (whole.decode("utf-8", "replace").encode() != whole)


def test_addresses() -> None:
    assert (parse("box:files/a b").route, parse("box:files/a b").path) == ("/servers/box", "files/a b")
    assert parse("@my build:x:y").route == "/sessions/my%20build"
    assert parse("@my build:x:y").path == "x:y"
    assert into(parse("box:"), "f").path == "f"
    assert into(parse("box:a/"), "f").path == "a/f"
    assert into(parse("box:a"), "f").path == "a"
    for text in ("box", ":x", "@:x", "..:x", "./a:b", "a/b:c"):
        with pytest.raises(Usage):
            parse(text)


@given(st.integers(0, 2**50), st.integers(0, 2**50), st.floats(0, 1e6))
def test_a_bar_is_a_line(done: int, size: int, seconds: float) -> None:
    line = bar_line("pushing x", min(done, size), size, done, seconds)
    assert "\n" not in line and len(line) < 120
