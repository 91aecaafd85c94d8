"""Bodies of requests about deployments and chat messages."""

from typing import Annotated

from pydantic import Field

from corral_hub.bodies import Body
from corral_hub.text import Text
from corral_hub.triggers.model import WhenBusy


class DeployBody(Body):
    """`version`: left out, the draft is published first if it differs. `concurrency`: runs at a time; None: any."""

    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=100_000)] | None = 100
    when_busy: WhenBusy = WhenBusy.QUEUE


class ChatBody(Body):
    message: Annotated[Text, Field(min_length=1, max_length=200_000)]
    session_id: Annotated[Text, Field(min_length=1, max_length=200)] = "default"
