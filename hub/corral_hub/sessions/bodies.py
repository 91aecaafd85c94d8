"""Request bodies of the session API; sizes are bounded."""

import base64
import binascii
from typing import Annotated

from pydantic import Field, model_validator

from corral_hub.bodies import Body
from corral_hub.sessions.model import SIDE
from corral_hub.text import Text

Name = Annotated[Text, Field(min_length=1, max_length=100)]
Short = Annotated[Text, Field(max_length=500)]
Path = Annotated[Text, Field(min_length=1, max_length=4096)]
Side = Annotated[int, Field(ge=1, le=SIDE)]
Argument = Annotated[Text, Field(max_length=100_000)]
MOST_KEYS = 64 * 1024


class StartBody(Body):
    """`server`: by id, prefix or name; without it, dispatch chooses. No `argv`: the agent's TUI, or a login shell.

    `record`: keep what it prints, where its machine can.
    """

    server: Short | None = None
    name: Name | None = None
    project_id: Short | None = None
    task_id: Short | None = None
    working_directory: Path | None = None
    cols: Side = 120
    rows: Side = 40
    agent_type: Annotated[Text, Field(min_length=1, max_length=50)] | None = None
    role: Annotated[Text, Field(min_length=1, max_length=50)] | None = None
    argv: Annotated[tuple[Argument, ...], Field(max_length=1000)] = ()
    env: Annotated[dict[Name, Argument], Field(max_length=200)] | None = None
    repo: Annotated[Text, Field(min_length=1, max_length=200)] | None = None
    worktree: bool = False
    record: bool = True


class InputBody(Body):
    """`text`, or `data` as base64; `enter` presses the key after it."""

    text: Annotated[Text, Field(max_length=MOST_KEYS)] | None = None
    data: Annotated[Text, Field(max_length=2 * MOST_KEYS)] | None = None
    enter: bool = False

    @model_validator(mode="after")
    def _something(self) -> "InputBody":
        if self.text is not None and self.data is not None:
            raise ValueError("give text or data, not both")
        if not self.keys:
            raise ValueError("there is nothing to type: give text, data or enter")
        return self

    @property
    def keys(self) -> bytes:
        """Return the bytes to type. Raises ValueError."""
        try:
            typed = (self.text or "").encode() if self.data is None else base64.b64decode(self.data, validate=True)
        except binascii.Error as error:
            raise ValueError(f"data is not base64: {error}") from error
        return typed + (b"\r" if self.enter else b"")


class ResizeBody(Body):
    cols: Side
    rows: Side


class CloseBody(Body):
    """`grace`: seconds between asking the processes to end and ending them."""

    grace: Annotated[float, Field(ge=0, le=3600)] = 10.0
