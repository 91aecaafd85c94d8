"""Binary frames: what is packed is unpacked, and anything else is refused by name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_protocol.codec import Malformed
from corral_protocol.frames import HEADER, Kind, pack, read_header, unpack

kinds = st.sampled_from(Kind)
channels = st.integers(0, 2**32 - 1)
offsets = st.integers(0, 2**64 - 1)


@given(kinds, channels, offsets, st.binary(max_size=200))
def test_round_trip(kind: Kind, channel: int, offset: int, payload: bytes) -> None:
    data = pack(kind, channel, offset, payload)
    frame = unpack(data)
    assert (frame.kind, frame.channel, frame.offset, frame.payload) == (kind, channel, offset, payload)
    assert frame.end == offset + len(payload)
    assert read_header(data) == (kind, channel, offset)
    assert len(data) == HEADER.size + len(payload)


@given(st.binary(max_size=40))
def test_other_bytes_are_a_frame_or_malformed(data: bytes) -> None:
    try:
        frame = unpack(data)
    except Malformed:
        assert len(data) < HEADER.size or data[0] not in set(Kind)
    else:
        assert pack(*frame) == data


def test_a_memoryview_is_taken_without_a_copy_of_its_own() -> None:
    assert unpack(pack(Kind.OUTPUT, 7, 9, memoryview(b"abcdef")[1:3])).payload == b"bc"


def test_what_is_wrong_is_said() -> None:
    with pytest.raises(Malformed, match="header of 13 bytes"):
        unpack(b"\x01")
    with pytest.raises(Malformed, match="unknown kind of binary frame: 99"):
        unpack(HEADER.pack(99, 1, 0))
