"""How a workflow node fails. Not among `errors`: those are known to processes that import nothing of the protocol."""

from corral_protocol.codec import Json
from corral_protocol.vocabulary import ErrorClass


class NodeFailed(Exception):
    """The node could not do it. `kind` decides whether it is tried again; `output` is kept for whoever looks.

    `retry_after`: seconds for which the other side asked to be left alone.
    """

    def __init__(self, kind: ErrorClass, message: str, output: Json = None, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.output = output
        self.retry_after = retry_after
