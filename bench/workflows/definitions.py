"""The workflows that are measured, and the node that does nothing."""

from itertools import pairwise
from typing import Any

Json = dict[str, Any]
STEPS = 40
NODE = '''
import socket
import time
from dataclasses import dataclass

from corral_daemon.nodes.node import Context, node

SOCKET = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    port: int = 0


@node("benchNoop", title="Nothing")
async def noop(parameters: Parameters, context: Context) -> dict:
    """Does nothing, and says when it began if it is to."""
    if parameters.port:
        SOCKET.sendto(repr(time.monotonic()).encode(), ("127.0.0.1", parameters.port))
    return {"ok": True}
'''


def single(port: int = 0) -> Json:
    """One node; `port`: where it says that it began."""
    return {"name": f"single {port}", "nodes": [_noop("only", port=port)], "edges": []}


def chain(length: int = STEPS) -> Json:
    names = [f"step{number}" for number in range(length)]
    edges = [{"source": before, "target": after} for before, after in pairwise(names)]
    return {"name": f"chain {length}", "nodes": [_noop(name) for name in names], "edges": edges}


def fan(width: int) -> Json:
    """One, then so many side by side, then one that waits for all of them."""
    names = [f"leaf{number}" for number in range(width)]
    nodes = [_noop("first"), *(_noop(name) for name in names), _noop("last")]
    out = [{"source": "first", "target": name} for name in names]
    return {
        "name": f"fan {width}",
        "nodes": nodes,
        "edges": [*out, *({"source": name, "target": "last"} for name in names)],
    }


def hook(path: str) -> Json:
    """A webhook, a node that sets fields, a node that answers: what the caller gets is made of what it sent."""
    nodes = [
        {"id": "hook", "type": "webhookTrigger", "label": "hook",
         "parameters": {"path": path, "responseMode": "responseNode"}},
        {"id": "set", "type": "set", "label": "set",
         "parameters": {"keep": False, "fields": {"ok": True, "x": "{{hook.json.x}}"}}},
        {"id": "answer", "type": "webhookResponse", "label": "answer", "parameters": {}},
    ]  # fmt: skip
    edges = [{"source": "hook", "target": "set"}, {"source": "set", "target": "answer"}]
    return {"name": path, "nodes": nodes, "edges": edges}


def _noop(id: str, **parameters: Any) -> Json:
    return {"id": id, "type": "benchNoop", "parameters": parameters}
