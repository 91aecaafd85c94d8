"""Repositories, worktrees and merges, with real git."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from corral_daemon.workspace.discard import discard
from corral_protocol.outcome import Outcome
from corral_protocol.to_daemon import TaskAssigned
from corral_protocol.vocabulary import ErrorClass
from tests.daemon.runner_world import RunnerWorld, git, repository, runner_world, shell


class Shop(RunnerWorld):
    """A runner with one repository, `shop`."""

    repo: Path

    def work(self, text: str, task_id: str = "aaaa1111-0000", *, merge: bool = True, **more: Any) -> TaskAssigned:
        run = {"directory": "worktree", "merge": merge}
        return shell(text, task_id, run=run, target_repo="shop", **more)

    def worktree(self, task_id: str = "aaaa1111-0000") -> Path:
        return self.state / "worktrees" / task_id


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    path = repository(tmp_path / "shop", {"a.txt": "a\n", "b.txt": "b\n"})
    async with runner_world(tmp_path / "state", repos={"shop": str(path)}) as world:
        shop = Shop(world.runner, world.notebook, world.state)
        shop.repo = path
        yield shop


def failure(outcome: Outcome) -> str:
    assert outcome.error and outcome.error.kind is ErrorClass.WORKTREE_FAILED, outcome
    return outcome.error.message


async def test_a_command_in_the_repository_itself(shop: Shop) -> None:
    outcome = await shop.done(shell("pwd", run={"directory": "repo"}, target_repo="shop"))
    assert outcome.error is None
    assert shop.notebook.text.strip() == str(shop.repo)


async def test_a_repository_that_is_not_here(shop: Shop) -> None:
    for name in ("other", None):
        outcome = await shop.done(shell("true", run={"directory": "repo"}, target_repo=name))
        assert outcome.error and outcome.error.kind is ErrorClass.REPO_MISSING
    shop.repo.rename(shop.repo.with_name("moved"))
    outcome = await shop.done(shell("true", run={"directory": "repo"}, target_repo="shop"))
    assert outcome.error and outcome.error.kind is ErrorClass.REPO_MISSING


async def test_work_is_committed_and_merged_where_the_branch_is_checked_out(shop: Shop) -> None:
    outcome = await shop.done(shop.work("echo new > c.txt; rm b.txt", title="Add c\n--amend"))
    assert outcome.error is None
    assert sorted(path.name for path in shop.repo.iterdir()) == [".git", "a.txt", "c.txt"]
    assert git(shop.repo, "status", "--porcelain") == ""
    subjects = git(shop.repo, "log", "--topo-order", "--format=%s").splitlines()
    assert subjects == ["Merge corral/aaaa1111: Add c --amend", "Add c --amend", "first"]
    assert git(shop.repo, "branch", "--list", "corral/*") == ""
    assert not shop.worktree().exists()
    assert len(git(shop.repo, "worktree", "list").splitlines()) == 1


async def test_work_is_merged_into_a_branch_that_is_nowhere_checked_out(shop: Shop) -> None:
    git(shop.repo, "branch", "release")
    outcome = await shop.done(shop.work("echo new > c.txt", target_branch="release"))
    assert outcome.error is None
    assert git(shop.repo, "show", "release:c.txt") == "new\n"
    assert not (shop.repo / "c.txt").exists()
    assert len(git(shop.repo, "worktree", "list").splitlines()) == 1


async def test_commits_of_the_agent_are_merged_and_nothing_to_do_is_fine(shop: Shop) -> None:
    outcome = await shop.done(shop.work("echo 1 > c.txt; git add c.txt; git commit -qm mine"))
    assert outcome.error is None
    assert (shop.repo / "c.txt").exists()
    before = git(shop.repo, "rev-parse", "HEAD")
    outcome = await shop.done(shop.work("true", "bbbb2222"))
    assert outcome.error is None
    assert git(shop.repo, "rev-parse", "HEAD") == before


async def test_without_an_identity_corral_is_the_author(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(shop.state))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(shop.state))
    git(shop.repo, "config", "--unset", "user.email")
    git(shop.repo, "config", "--unset", "user.name")
    await shop.done(shop.work("echo new > c.txt"))
    assert (
        git(shop.repo, "log", "-2", "--topo-order", "--format=%an <%ae>").splitlines()
        == ["Corral <corral@localhost>"] * 2
    )


async def test_a_conflict_changes_nothing_and_names_the_files(shop: Shop) -> None:
    message = shop.work("echo theirs > a.txt; while ! test -e go; do sleep 0.02; done; rm go")
    await shop.runner.assign(message)
    await shop.started()
    (shop.repo / "a.txt").write_text("ours\n")
    git(shop.repo, "commit", "--quiet", "--all", "--message=ours")
    before = git(shop.repo, "rev-parse", "HEAD")
    (shop.worktree() / "go").touch()
    await shop.ended(message)
    text = failure(shop.notebook.outcomes[message.task_id, 1])
    assert "conflicts in a.txt" in text
    assert "corral/aaaa1111" in text
    assert git(shop.repo, "rev-parse", "HEAD") == before
    assert git(shop.repo, "status", "--porcelain") == ""
    assert git(shop.repo, "show", "corral/aaaa1111:a.txt") == "theirs\n"


async def test_uncommitted_changes_of_a_person_are_not_touched(shop: Shop) -> None:
    (shop.repo / "a.txt").write_text("half done\n")
    outcome = await shop.done(shop.work("echo new > c.txt"))
    assert "uncommitted changes" in failure(outcome)
    assert (shop.repo / "a.txt").read_text() == "half done\n"
    assert not (shop.repo / "c.txt").exists()


async def test_many_units_merge_into_one_branch(shop: Shop) -> None:
    messages = [shop.work(f"echo {n} > file-{n}.txt", f"{n:08}-0000") for n in range(8)]
    for start in (0, 4):
        for message in messages[start : start + 4]:
            await shop.runner.assign(message)
        await asyncio.gather(*(shop.ended(message) for message in messages[start : start + 4]))
    assert all(outcome.error is None for outcome in shop.notebook.outcomes.values()), shop.notebook.outcomes
    assert {f"file-{n}.txt" for n in range(8)} <= {path.name for path in shop.repo.iterdir()}
    assert git(shop.repo, "status", "--porcelain") == ""


async def test_a_failed_attempt_is_kept_and_the_next_begins_afresh(shop: Shop) -> None:
    outcome = await shop.done(shop.work("echo broken > a.txt; exit 1"))
    assert outcome.error and outcome.error.kind is ErrorClass.EXIT_NONZERO
    assert (shop.worktree() / "a.txt").read_text() == "broken\n"
    outcome = await shop.done(shop.work("cat a.txt", epoch=2))
    assert outcome.error is None
    assert shop.notebook.text == "a\n"


async def test_a_round_with_feedback_goes_on_where_the_last_one_ended(shop: Shop) -> None:
    contracts = {"contracts": [{"key": "api", "required": True}]}
    outcome = await shop.done(shop.work("echo half > c.txt", structured=contracts))
    assert outcome.error is None
    assert not (shop.repo / "c.txt").exists(), "a required contract is missing; it must not be merged"
    promise = """echo whole >> c.txt; echo '{"contracts": {"api": 1}}' > $CORRAL_RESULT"""
    outcome = await shop.done(shop.work(promise, epoch=2, structured=contracts, feedback="the contract is missing"))
    assert outcome.error is None
    assert (shop.repo / "c.txt").read_text() == "half\nwhole\n"


async def test_branches_that_cannot_be(shop: Shop) -> None:
    for branch in ("--upload-pack=x", "@{-1}", "no/such", "a..b"):
        assert branch in failure(await shop.done(shop.work("true", target_branch=branch)))
    git(shop.repo, "checkout", "--quiet", "--detach")
    assert "target_branch" in failure(await shop.done(shop.work("true")))


async def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    path = tmp_path / "empty"
    path.mkdir()
    git(path, "init", "--quiet", "--initial-branch=main")
    async with runner_world(tmp_path / "state", repos={"shop": str(path)}) as world:
        outcome = await world.done(shell("true", run={"directory": "worktree"}, target_repo="shop"))
        assert "no commit" in failure(outcome)


async def test_a_hook_of_the_user_that_refuses_is_told(shop: Shop) -> None:
    hook = shop.repo / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho this is not formatted >&2\nexit 1\n")
    hook.chmod(0o755)
    assert failure(await shop.done(shop.work("echo new > c.txt"))) == "git commit failed: this is not formatted"


def test_a_tree_that_its_owner_may_not_write_in_is_removed_and_nothing_beyond_it() -> None:
    """As Go leaves its modules. Root may write everywhere, so the test becomes somebody else for a moment."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder)
        outside, tree = top / "outside", top / "tree"
        (tree / "module" / "deep").mkdir(parents=True)
        (tree / "module" / "deep" / "file").touch()
        outside.mkdir(mode=0o500)
        (tree / "module" / "link").symlink_to(outside)
        somebody = 65534 if os.geteuid() == 0 else os.geteuid()
        for path in (top, outside, tree, *tree.rglob("*")):
            os.chown(path, somebody, -1, follow_symlinks=False)
        for path in (tree / "module" / "deep", tree / "module"):
            path.chmod(0)
        before = os.geteuid()
        os.seteuid(somebody)
        try:
            discard(tree)
        finally:
            os.seteuid(before)
        assert not tree.exists()
        assert outside.stat().st_mode & 0o777 == 0o500


async def test_cancel_while_git_works(shop: Shop) -> None:
    hook = shop.repo / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {shop.state}/busy\nexec sleep 1000\n")
    hook.chmod(0o755)
    message = shop.work("true")
    await shop.runner.assign(message)
    async with asyncio.timeout(30):
        while not (shop.state / "busy").exists():  # noqa: ASYNC110 - git tells nobody
            await asyncio.sleep(0.01)
    await shop.runner.cancel(message.task_id, 1, "enough", 0.1)
    await shop.ended(message)
    outcome = shop.notebook.outcomes[message.task_id, 1]
    assert outcome.error and outcome.error.kind is ErrorClass.CANCELLED
