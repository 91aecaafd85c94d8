"""An answer leaves in one piece, in order, and is not lost when the connection is closed after it."""

import asyncio
from typing import Any

from corral_hub.corked import MUCH, Corked


class Plain:
    """Notes what reaches the socket."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.sent.append(data)

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def get_extra_info(self, name: str) -> str:
        return f"the {name}"


def corked() -> tuple[Corked, Any]:
    plain: Any = Plain()
    return Corked(plain, asyncio.get_running_loop()), plain


async def test_what_one_turn_wrote_leaves_together_and_in_order() -> None:
    transport, plain = corked()
    transport.write(b"head ")
    transport.write(b"body")
    assert plain.sent == []
    await asyncio.sleep(0)
    transport.write(b"next")
    await asyncio.sleep(0)
    assert plain.sent == [b"head body", b"next"]


async def test_what_is_much_is_not_held_back() -> None:
    transport, plain = corked()
    transport.write(b"head ")
    transport.write(b"x" * MUCH)
    assert plain.sent == [b"head " + b"x" * MUCH]
    await asyncio.sleep(0)
    assert len(plain.sent) == 1


async def test_closing_sends_what_is_held_first() -> None:
    transport, plain = corked()
    transport.write(b"the last words")
    transport.close()
    assert plain.sent == [b"the last words"] and plain.closed
    await asyncio.sleep(0)
    assert len(plain.sent) == 1


async def test_what_a_peer_that_has_gone_was_to_read_is_let_go() -> None:
    transport, plain = corked()
    transport.write(b"nobody reads this")
    plain.closed = True
    await asyncio.sleep(0)
    assert plain.sent == []


async def test_all_else_is_the_plain_transport() -> None:
    transport, _ = corked()
    assert transport.get_extra_info("peername") == "the peername"
    assert transport.is_closing() is False
