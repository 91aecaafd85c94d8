"""Request bodies of the recordings API."""

from corral_hub.bodies import Body


class RecordBody(Body):
    """`on`: record from now on, or no longer. What is recorded stays."""

    on: bool
