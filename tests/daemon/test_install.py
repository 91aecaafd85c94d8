"""Service units as text; the lock of a state directory; the figures of the machine."""

import os
import plistlib
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from corral_daemon import install, lock, system
from corral_daemon.errors import AlreadyRunning, InstallError
from corral_daemon.settings import Place

WHERE = Place(Path("/srv/my corral/100%/daemon.toml"), Path("/srv/my corral/100%/daemon"))
HOME = Path("/home/me")


def test_systemd_user_unit() -> None:
    service = install.plan("linux", HOME, WHERE, 60, system_wide=False, uid=1000)
    assert service.path == HOME / ".config/systemd/user/corral-daemon.service"
    exec_line = next(line for line in service.text.splitlines() if line.startswith("ExecStart="))
    argv = shlex.split(exec_line.removeprefix("ExecStart="))
    assert argv[1:] == ["-m", "corral_daemon", "run", "--config", "/srv/my corral/100%%/daemon.toml"]
    assert 'Environment="CORRAL_HOME=/srv/my corral/100%%"' in service.text
    assert "TimeoutStopSec=90" in service.text
    assert "KillMode=process" in service.text  # the holder of terminals stays
    assert "WantedBy=default.target" in service.text
    assert service.enable == (
        ("systemctl", "--user", "daemon-reload"),
        ("systemctl", "--user", "enable", "--now", "corral-daemon.service"),
    )


def test_systemd_system_unit() -> None:
    service = install.plan("linux", HOME, WHERE, 60, system_wide=True, uid=0)
    assert service.path == Path("/etc/systemd/system/corral-daemon.service")
    assert "WantedBy=multi-user.target" in service.text


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_accepts_the_unit(tmp_path: Path) -> None:
    service = install.plan("linux", HOME, WHERE, 60, system_wide=True, uid=0)
    (tmp_path / install.UNIT).write_text(service.text)
    subprocess.run(["systemd-analyze", "verify", str(tmp_path / install.UNIT)], check=True)


def test_launchd_agent() -> None:
    service = install.plan("darwin", HOME, WHERE, 60, system_wide=False, uid=501)
    body = plistlib.loads(service.text.encode())
    assert body["ProgramArguments"][1:3] == ["-m", "corral_daemon"]
    assert body["KeepAlive"] == {"SuccessfulExit": False}
    assert body["AbandonProcessGroup"] is True
    assert service.enable[0][:3] == ("launchctl", "bootstrap", "gui/501")


def test_an_unknown_system_is_told_so() -> None:
    with pytest.raises(InstallError, match="no service manager"):
        install.plan("plan9", HOME, WHERE, 60, system_wide=False, uid=1)


def test_install_writes_runs_and_uninstall_removes(tmp_path: Path) -> None:
    log = tmp_path / "log"
    service = install.Service(
        path=tmp_path / "unit",
        text="text",
        enable=(("sh", "-c", f"echo on >> {log}"),),
        disable=(("sh", "-c", f"echo off >> {log}"), ("sh", "-c", f"echo reload >> {log}")),
    )
    install.install(service)
    assert service.path.read_text() == "text"
    assert install.uninstall(service)
    assert not service.path.exists()
    assert log.read_text().split() == ["on", "off", "reload"]
    assert not install.uninstall(service)
    bad = install.Service(path=tmp_path / "unit", text="", enable=(("sh", "-c", "echo why >&2; exit 3"),), disable=())
    with pytest.raises(InstallError, match="why"):
        install.install(bad)


def test_one_daemon_per_state_directory(tmp_path: Path) -> None:
    assert lock.owner(tmp_path) is None
    with lock.hold(tmp_path):
        assert lock.owner(tmp_path) == os.getpid()
        with pytest.raises(AlreadyRunning, match=str(os.getpid())), lock.hold(tmp_path):
            pass
    assert lock.owner(tmp_path) is None
    with lock.hold(tmp_path):
        pass


def test_figures_of_this_machine(tmp_path: Path) -> None:
    info = system.Meter(tmp_path).read()
    assert info.cpu_count and info.disk_total_gb and info.platform and info.agent_version
    assert info.memory_percent is None or 0 <= info.memory_percent <= 100
    assert info.uptime_seconds is None or info.uptime_seconds < 10**9


def test_parsing_proc() -> None:
    assert system.parse_cpu("cpu  10 0 20 60 10 0 0 0 99 99\ncpu0 …") == system.CpuTimes(30, 100)
    assert system.parse_cpu("intr 1") is None
    assert system.parse_memory("MemTotal:  100 kB\nHugePages:\nOdd: x\n") == {"MemTotal": 102400}
    assert system.percent(1, 0) is None
