"""Bodies of requests about commands on machines."""

from typing import Annotated

from pydantic import Field

from corral_hub.bodies import Body
from corral_hub.remote.model import Order
from corral_hub.text import Text

Word = Annotated[Text, Field(max_length=131_072)]
Name = Annotated[Text, Field(min_length=1, max_length=300)]
Path = Annotated[Text, Field(max_length=4096)]


class ExecBody(Body):
    """`timeout`: seconds; an answer waits no longer than an hour."""

    argv: Annotated[list[Word], Field(min_length=1, max_length=10_000)]
    directory: Path | None = None
    repo: Name | None = None
    env: Annotated[dict[Name, Word], Field(max_length=500)] = Field(default_factory=dict)
    timeout: Annotated[float, Field(gt=0, le=3600)] = 60.0

    def order(self) -> Order:
        return Order(
            argv=tuple(self.argv), directory=self.directory, repo=self.repo, env=self.env, timeout=self.timeout
        )
