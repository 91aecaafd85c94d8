"""Where a run begins that a chat message starts."""

from dataclasses import dataclass

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """Names as in MachinaOs' `chatTrigger`."""

    sessionId: str = about("default", description="the chat it listens to; default: any")
    placeholder: str = "Type a message..."


@node("chatTrigger", title="Chat message", category="trigger", trigger="chat")
async def chat_trigger(parameters: Parameters, context: Context) -> Json:
    """Begins a run for each message: puts out message, timestamp and session_id."""
    return None
