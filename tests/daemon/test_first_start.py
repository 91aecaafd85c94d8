"""Claude Code's first questions: answered for a task where nobody has been asked yet; a person's own are left alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.agents.adapter import Request
from corral_daemon.agents.claude_code import ADAPTER

KEY = "sk-ant-" + "x" * 40 + "the-last-of-it"


def settle(home: Path, **variables: str) -> dict[str, str]:
    files = home / "files"
    files.mkdir(exist_ok=True)
    return dict(ADAPTER.settle({"HOME": str(home), **variables}, str(files)))


def test_with_a_key_and_nobody_before_it_has_a_configuration_of_its_own(tmp_path: Path) -> None:
    added = settle(tmp_path, ANTHROPIC_API_KEY=KEY)
    folder = Path(added["CLAUDE_CONFIG_DIR"])
    config = json.loads((folder / ".claude.json").read_text())
    assert config["hasCompletedOnboarding"] is True
    assert config["customApiKeyResponses"]["approved"] == [KEY[-20:]]
    assert folder.stat().st_mode & 0o077 == 0
    assert KEY not in (folder / ".claude.json").read_text()


@pytest.mark.parametrize("config", [{"hasCompletedOnboarding": True}, {"oauthAccount": {}}, ["odd"], "not JSON"])
def test_a_persons_own_is_used_and_not_touched(tmp_path: Path, config: Any) -> None:
    text = config if isinstance(config, str) else json.dumps(config)
    (tmp_path / ".claude.json").write_text(text)
    assert settle(tmp_path, ANTHROPIC_API_KEY=KEY) == {}
    assert (tmp_path / ".claude.json").read_text() == text
    assert list((tmp_path / "files").iterdir()) == []


def test_without_a_key_there_is_nothing_to_answer(tmp_path: Path) -> None:
    assert settle(tmp_path) == {}


def test_only_a_task_is_trusted_and_permitted_unasked() -> None:
    alone = ADAPTER.interactive(Request(prompt="", prompt_file="", files=""))
    assert (alone.argv, dict(alone.environment)) == (("claude",), {})
    of_task = ADAPTER.interactive(Request(prompt="do", prompt_file="/p", files="/f"))
    assert of_task.environment == {"CLAUDE_CODE_SANDBOXED": "1"}
    assert "--permission-mode" in of_task.argv
