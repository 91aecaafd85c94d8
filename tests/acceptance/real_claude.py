"""The real Claude Code CLI, and a mock of its provider on loopback: what a test needs to run it for nothing."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.world import PATIENCE, free_port

CLIS = Path(os.environ.get("CORRAL_TEST_NODE_CLIS") or Path(__file__).parents[2] / ".node-clis")
VENDORS = ("ANTHROPIC_", "CLAUDE", "AWS_", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy")


def runs(phrase: str, command: str) -> dict[str, Any]:
    call = {"name": "Bash", "arguments": {"command": command, "description": "as told"}}
    return {"match": {"userMessage": phrase, "hasToolResult": False}, "response": {"toolCalls": [call]}}


def real_programs() -> Path:
    """Return the folder of `claude` and `llmock`; a person's own `claude` will do. Skips where there are none."""
    folder = CLIS / "node_modules" / ".bin"
    path = f"{folder}:{os.environ['PATH']}"
    missing = [name for name in ("node", "claude", "llmock") if shutil.which(name, path=path) is None]
    if missing:
        pytest.skip(f"no {', '.join(missing)} here (make agent-clis, or CORRAL_TEST_NODE_CLIS)")
    return folder


@contextmanager
def a_provider(programs: Path, folder: Path, answers: list[dict[str, Any]]) -> Iterator[str]:
    """Run a mock that answers so; give its address."""
    (folder / "answers.json").write_text(json.dumps({"fixtures": answers}))
    port = free_port()
    words = ["-p", str(port), "-f", str(folder / "answers.json")]
    llmock = shutil.which("llmock", path=f"{programs}:{os.environ['PATH']}")
    assert llmock is not None
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([llmock, *words], stdout=log, stderr=log)
    try:
        await_answer(f"http://127.0.0.1:{port}/__aimock/journal", process, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def await_answer(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    limit = time.monotonic() + PATIENCE
    while True:
        try:
            httpx.get(url, trust_env=False)
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > limit:
                pytest.fail(f"the mock does not answer:\n{log.read_text()}")
            time.sleep(0.05)
        else:
            return


def set_up(patch: pytest.MonkeyPatch, programs: Path, provider: str, home: Path) -> None:
    """Let what is started from now on belong to a person who has nothing but a key of that provider."""
    for name in [name for name in os.environ if name.startswith(VENDORS)]:
        patch.delenv(name)
    patch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    patch.setenv("HOME", str(home))
    patch.setenv("ANTHROPIC_BASE_URL", provider)
    patch.setenv("ANTHROPIC_API_KEY", "a-key-of-nobody")
    patch.setenv("CLAUDE_CODE_MAX_RETRIES", "0")
    patch.setenv("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
