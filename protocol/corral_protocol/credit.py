"""How much may be on its way to somebody who acknowledges what it has taken. Pure."""

from corral_protocol.codec import Malformed


class Credit:
    """Offsets count all bytes of one way, from `start`."""

    def __init__(self, window: int, start: int = 0) -> None:
        self.sent = start
        self.acked = start
        self._window = window

    @property
    def room(self) -> int:
        """So many bytes may be sent now."""
        return max(0, self.acked + self._window - self.sent)

    def send(self, size: int) -> int:
        """Note that so many bytes leave; return their offset."""
        offset = self.sent
        self.sent += size
        return offset

    def acknowledge(self, offset: int) -> None:
        """Everything before `offset` was taken. Raises Malformed for what was never sent."""
        if offset > self.sent:
            raise Malformed("", f"byte {offset} cannot have been taken: {self.sent} were sent")
        self.acked = max(self.acked, offset)
