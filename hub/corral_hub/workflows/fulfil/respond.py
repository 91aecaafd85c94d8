"""The wish to answer the webhook call that began the run. Whoever called may be gone."""

import re
from typing import Any, Final

import orjson

from corral_hub.workflows import facts as f
from corral_hub.workflows.fulfil.callers import Answer, Callers
from corral_hub.workflows.fulfil.wanted import Wanted
from corral_protocol.nodes import Respond
from corral_protocol.vocabulary import ErrorClass

_TYPE: Final = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}( *; *charset=[a-z0-9-]{1,20})?", re.IGNORECASE)
MOST_BYTES = 1 << 20
BODILESS = frozenset({204, 205, 304})


class AnswerWishes:
    """Implements fulfiller.Kind."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    async def fulfil(self, wanted: Wanted, wish: Respond) -> f.Completed | f.Failed:
        try:
            answer = read_answer(wish)
        except ValueError as error:
            return wanted.failed(ErrorClass.BAD_INPUT, str(error))
        sent = self._callers.tell(wanted.run_id, answer)
        told = {"statusCode": answer.status, "contentType": answer.content_type, "bodyLength": len(answer.body)}
        return wanted.done({"sent": sent, **told})

    async def withdraw(self, wanted: Wanted, wish: Respond) -> None:
        """What was said is said."""


def read_answer(wish: Respond) -> Answer:
    """Return what is sent, or raise ValueError: nothing a workflow says may become another header."""
    if not 200 <= wish.status <= 599:
        raise ValueError(f"statusCode {wish.status} is not from 200 to 599")
    if not _TYPE.fullmatch(wish.content_type):
        raise ValueError("contentType is no media type, such as application/json")
    body = b"" if wish.status in BODILESS else _bytes(wish.body, "json" in wish.content_type.lower())
    if len(body) > MOST_BYTES:
        raise ValueError(f"the response is {len(body)} bytes long; {MOST_BYTES} are the most")
    return Answer(wish.status, wish.content_type, body)


def _bytes(body: Any, as_json: bool) -> bytes:
    """Text is sent as it is where it need not be JSON."""
    if isinstance(body, str) and not as_json:
        return body.encode("utf-8", "replace")
    return b"" if body is None else orjson.dumps(body)
