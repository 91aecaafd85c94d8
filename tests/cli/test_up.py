"""`corral up`, the parts that decide: where it lives, whose login it may replace, what it says, what it cleans up."""

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from corral_cli.config_file import read_document
from corral_cli.errors import BadConfig, CliError, Failed
from corral_cli.up import child, claim, profile
from corral_cli.up.household import Household, environment_of, stop_database
from corral_cli.up.hub import Bootstrap
from corral_cli.up.place import Place, find_place, read_port
from corral_cli.up.port import settle_port, settle_url

HUB = Bootstrap(
    url="http://127.0.0.1:8000",
    admin_email="ada@example.org",
    admin_password="correct horse",
    registration_token="orcreg_x.y",
    cli_token="jwt",
)


# ---- where


def test_flags_beat_environment_beats_file_beats_default(tmp_path: Path) -> None:
    (tmp_path / "hub.toml").write_text('port = 1111\nhost = "::1"\n')
    home = {"CORRAL_HOME": str(tmp_path)}
    assert find_place(home).port == 1111
    assert find_place(home).local_url == "http://[::1]:1111"
    assert find_place({**home, "CORRAL_PORT": "2222"}).port == 2222
    assert find_place({**home, "CORRAL_PORT": "2222"}, port=3333).port == 3333
    assert find_place({"CORRAL_HOME": str(tmp_path / "other")}).port == 8000


def test_a_home_is_found_by_xdg(tmp_path: Path) -> None:
    assert find_place({"XDG_DATA_HOME": str(tmp_path)}).home == tmp_path / "corral"


def test_a_hub_that_listens_everywhere_is_reached_here() -> None:
    place = Place(home=Path("/x"), host="0.0.0.0", public_url="https://corral.example.org/")
    assert place.local_url == "http://127.0.0.1:8000"
    assert place.url == "https://corral.example.org"


@pytest.mark.parametrize("value", ["", "-1", "65536", "http", "8000 ", "٣"])
def test_a_port_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(BadConfig, match="is not a port"):
        read_port(value)


@pytest.mark.parametrize(
    ("content", "said"),
    [("port = = 1", "is not valid TOML"), ('port = "abc"', "'abc' (from "), ("host = 5", "host must be text, not 5")],
)
def test_what_is_wrong_with_a_hub_file_is_said_with_its_name(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "hub.toml").write_text(content)
    with pytest.raises(BadConfig, match=r"hub\.toml") as caught:
        find_place({"CORRAL_HOME": str(tmp_path)})
    assert said in caught.value.message


def test_a_home_that_is_a_file_is_not_a_broken_setting(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadConfig, match="is not a directory") as caught:
        find_place({"CORRAL_HOME": str(tmp_path / "file")})
    assert caught.value.code == "home_unusable"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_a_hub_that_listens_everywhere_has_an_address_others_can_reach(tmp_path: Path, host: str) -> None:
    place = settle_url(Place(home=tmp_path, host=host, port=8001))
    assert place.url.startswith("http://") and place.url.endswith(":8001")
    assert "0.0.0.0" not in place.url and "[::]" not in place.url
    assert environment_of(place, {})["CORRAL_PUBLIC_URL"] == place.url


def test_an_address_that_was_named_is_kept(tmp_path: Path) -> None:
    named = Place(home=tmp_path, host="0.0.0.0", public_url="https://corral.example.org")
    assert settle_url(named) == named
    assert settle_url(Place(home=tmp_path)).public_url is None


# ---- port


def test_a_taken_port_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Failed) as caught:
            settle_port(Place(home=tmp_path, port=port))
    assert caught.value.code == "port_in_use"
    assert str(port) in caught.value.message
    assert f"--port {port + 1}" in caught.value.hint


def test_port_zero_becomes_a_free_one(tmp_path: Path) -> None:
    assert settle_port(Place(home=tmp_path, port=0)).port > 0


def test_an_address_of_somebody_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CliError) as caught:
        settle_port(Place(home=tmp_path, host="192.0.2.1", port=0))
    assert caught.value.code == "no_such_address"


# ---- one at a time


def test_only_one_holds_the_claim(tmp_path: Path) -> None:
    with claim.Claim(tmp_path) as mine, claim.Claim(tmp_path) as theirs:
        assert mine.take()
        mine.write("http://x:1", {"hub": 1})
        assert not theirs.take()
        assert theirs.read()["url"] == "http://x:1"
        mine.release()
        assert theirs.take()
        assert theirs.read() == {}
    assert stat.S_IMODE((tmp_path / "up.json").stat().st_mode) == 0o600


def test_a_home_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Failed, match="cannot be used"):
        claim.Claim(tmp_path / "file" / "home").take()


def test_leftovers_are_processes_of_ours_only() -> None:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", "corral_hub"])
    try:
        found = claim.leftovers({"children": {"hub": process.pid, "daemon": os.getpid()}})
        assert found == {"hub": process.pid}
    finally:
        process.kill()
        process.wait()
    assert claim.leftovers({"children": {"hub": process.pid}}) == {}
    assert claim.leftovers({"children": "nonsense"}) == {}


# ---- children


async def test_a_stubborn_child_is_killed_with_its_family(tmp_path: Path) -> None:
    script = "trap '' TERM; sleep 300 & echo $!; wait"
    stubborn = await child.start("hub", ["sh", "-c", script], os.environ, tmp_path / "logs" / "hub.log")
    grandchild = int(await _first_line(stubborn))
    assert not await stubborn.stop(signal.SIGTERM, 0.1)
    assert stubborn.violently_ended
    assert await asyncio.to_thread(_dies, grandchild)


async def test_a_child_that_ends_leaves_its_last_words(tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    talker = await child.start("hub", ["sh", "-c", "seq 100; exit 3"], os.environ, log)
    await talker.process.wait()
    assert talker.ending() == "ended with exit code 3"
    assert talker.last_lines(2) == ["99", "100"]
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_logs_are_rotated_by_size(tmp_path: Path) -> None:
    log = tmp_path / "hub.log"
    for content in "abcde":
        log.write_text(content * 10)
        child.rotate(log, limit=10, kept=3)
    assert not log.exists()
    assert [log.with_name(f"hub.log.{n}").read_text()[0] for n in (1, 2, 3)] == ["e", "d", "c"]
    assert not log.with_name("hub.log.4").exists()


def test_the_hubs_secrets_stay_with_the_hub(tmp_path: Path) -> None:
    secrets = {"CORRAL_ADMIN_PASSWORD": "x", "CORRAL_SECRET_FILE": "y", "CORRAL_DATABASE_URL": "z"}
    household = Household(Place(home=tmp_path), claim.Claim(tmp_path), {**secrets, "PATH": "/bin"})
    assert secrets.items() <= household.environment("hub").items()
    assert not secrets.keys() & household.environment("daemon").keys()
    assert household.environment("daemon")["PATH"] == "/bin"


def test_only_the_database_of_this_home_is_stopped(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir()
    ours = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", str(data)])
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        for process in (other, ours):
            (data / "postmaster.pid").write_text(f"{process.pid}\n{data}\n")
            asyncio.run(stop_database(tmp_path))
        assert other.poll() is None
        assert ours.wait(10) != 0
        (data / "postmaster.pid").write_text("")
        asyncio.run(stop_database(tmp_path))
    finally:
        other.kill()
        other.wait()
        ours.kill()


def test_all_parts_agree_where_they_live(tmp_path: Path) -> None:
    environment = environment_of(Place(home=tmp_path, port=8123), {"CORRAL_PORT": "1"})
    assert environment["CORRAL_HOME"] == str(tmp_path)
    assert environment["CORRAL_PORT"] == "8123"


# ---- login


def test_a_first_login_becomes_the_current_one() -> None:
    assert profile.choose_profile({}, HUB.url) == ("default", True)


def test_a_login_to_another_local_hub_is_replaced() -> None:
    document = {"profile": "work", "profiles": {"work": {"hub_url": "http://localhost:9000"}}}
    assert profile.choose_profile(document, HUB.url) == ("work", True)


def test_a_login_to_a_distant_hub_is_kept() -> None:
    document = {"profiles": {"default": {"hub_url": "https://corral.example.org"}}}
    assert profile.choose_profile(document, HUB.url) == ("local", False)


def test_the_login_is_stored_privately(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORRAL_CONFIG", str(tmp_path / "cli.toml"))
    assert profile.log_in(HUB.url, HUB.cli_token) is None
    assert read_document(tmp_path / "cli.toml")["profiles"]["default"]["token"] == "jwt"
    assert stat.S_IMODE((tmp_path / "cli.toml").stat().st_mode) == 0o600


async def _first_line(process: child.Child) -> str:
    async with asyncio.timeout(10):
        while True:
            if lines := process.last_lines():
                return lines[0]
            await asyncio.sleep(0.01)


def _dies(pid: int) -> bool:
    """A killed process takes the kernel a moment."""
    limit = time.monotonic() + 10
    while _alive(pid) and time.monotonic() < limit:
        time.sleep(0.01)
    return not _alive(pid)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z" if Path("/proc").exists() else True
