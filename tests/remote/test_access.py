"""Who may run commands and touch files, and what is kept of it."""

import json
import subprocess
import tomllib
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy.engine import make_url

from corral_hub.accounts.secret import load_secret
from corral_hub.accounts.tokens import issue_task_token
from corral_hub.clock import now
from corral_hub.settings import Settings
from tests.remote.box import Box
from tests.tls import TLS

PASSWORD = "correct horse battery"
EXEC = {"argv": ["sh", "-c", "echo out; echo err >&2; exit 3"]}


def ask(box: Box, method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
    told = {"Authorization": f"Bearer {box.world.token}"} if headers is None else headers
    return httpx.request(method, f"{box.world.url}/api/v1{path}", headers={**told, **more.pop("headers2", {})},
                         timeout=60, trust_env=False, verify=TLS, **more)  # fmt: skip


@pytest.fixture(scope="module")
def viewer(shared_box: Box) -> dict[str, str]:
    shared_box.world.post("/users", {"email": "eve@example.org", "password": PASSWORD, "role": "viewer"})
    answer = ask(shared_box, "POST", "/login", {}, data={"username": "eve@example.org", "password": PASSWORD})
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.fixture(scope="module")
def machine(shared_box: Box) -> dict[str, str]:
    config = tomllib.loads((shared_box.daemon.home / "daemon.toml").read_text())
    return {"X-API-Key": config["api_key"]}


def test_viewers_may_not(shared_box: Box, viewer: dict[str, str]) -> None:
    for method, path in (
        ("POST", "/servers/box/exec"),
        ("GET", "/servers/box/files?path=files"),
        ("GET", "/servers/box/files/content?path=files/x"),
        ("PUT", "/servers/box/files/content?path=files/x"),
        ("DELETE", "/servers/box/files/content?path=files/x"),
    ):
        answer = ask(shared_box, method, path, viewer, **({"json": EXEC} if method == "POST" else {}))
        assert (answer.status_code, answer.json()["code"]) == (403, "role_required"), path
    done = shared_box.corral("exec", "box", "--", "true")
    assert done.returncode == 0
    token = viewer["Authorization"].removeprefix("Bearer ")
    refused = subprocess.run(
        [*done.args[:3], "exec", "box", "--", "true"], env={**shared_box.environment, "CORRAL_TOKEN": token},
        capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert refused.returncode == 125
    assert b"[role_required]" in refused.stderr


def test_nobody_may_without_a_credential(shared_box: Box) -> None:
    assert ask(shared_box, "POST", "/servers/box/exec", {}, json=EXEC).status_code == 401
    large = b"x" * (2 << 20)
    assert ask(shared_box, "PUT", "/servers/box/files/content?path=files/x", {}, content=large).status_code == 401


def test_a_task_agent_may_not(shared_box: Box) -> None:
    world = shared_box.world
    id = world.create("At work", {"kind": "command", "argv": ["sleep", "1000"]})
    task = world.until(id, "running")
    secret = load_secret(Settings(home=shared_box.world.folder / "hub"))
    token = issue_task_token(secret, UUID(task["id"]), UUID(task["project_id"]), task["epoch"], now(), 3600)
    answer = ask(shared_box, "POST", "/server/servers/box/exec", {"X-API-Key": token}, json=EXEC)
    assert (answer.status_code, answer.json()["code"]) == (403, "person_required")
    listing = ask(shared_box, "GET", "/server/servers/box/files?path=files", {"X-API-Key": token})
    assert listing.status_code == 403
    assert world.request("DELETE", f"/tasks/{id}").is_success


def test_a_machine_may_on_itself_alone(shared_box: Box, machine: dict[str, str]) -> None:
    answer = ask(shared_box, "POST", "/server/servers/box/exec", machine, json=EXEC).json()
    assert (answer["exit_code"], answer["stdout"], answer["stderr"]) == (3, "out\n", "err\n")
    token = shared_box.world.post("/servers/tokens", {})["token"]
    body = {"registration_token": token, "name": "other"}
    assert ask(shared_box, "POST", "/servers/register", {}, json=body).status_code == 201
    refused = ask(shared_box, "POST", "/server/servers/other/exec", machine, json=EXEC)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_your_server")
    absent = ask(shared_box, "POST", "/servers/other/exec", json=EXEC)
    assert (absent.status_code, absent.json()["code"]) == (409, "server_offline")


def test_the_answer_for_scripts_ends_with_the_timeout(shared_box: Box) -> None:
    answer = ask(shared_box, "POST", "/servers/box/exec", json={"argv": ["sleep", "100"], "timeout": 0.5}).json()
    assert answer["timed_out"] is True
    refused = ask(shared_box, "POST", "/servers/box/exec", json={"argv": ["no-such-program"]})
    assert (refused.status_code, refused.json()["code"]) == (422, "command_missing")


async def test_who_ran_what_is_kept_and_no_secret(shared_box: Box) -> None:
    done = shared_box.exec("--env", "API_KEY=hunter2", "--", "sh", "-c", "exit 6", "--password", "hunter2")
    assert done.returncode == 6
    url = make_url(shared_box.world.database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "select event_type, actor, details from activity_log where event_type like 'exec_%' "
            "order by id desc limit 2"
        )
    finally:
        await connection.close()
    ended, started = ({**row, "details": json.loads(row["details"])} for row in rows)
    assert (started["event_type"], ended["event_type"]) == ("exec_started", "exec_ended")
    assert started["actor"].startswith("user:")
    assert started["details"]["argv"] == ["sh", "-c", "exit 6", "--password", "***"]
    assert started["details"]["env"] == ["API_KEY"]
    assert ended["details"]["exit_code"] == 6
    assert "hunter2" not in json.dumps([started["details"], ended["details"]])


def test_beside_a_session(shared_box: Box, machine: dict[str, str]) -> None:
    world = shared_box.world
    session = world.post("/sessions", {"server": "box", "name": "beside", "repo": "shop", "argv": ["sleep", "1000"]})
    world.eventually(lambda: world.get(f"/sessions/{session['id']}")["status"] == "running", "the session runs")
    try:
        answer = ask(shared_box, "POST", f"/sessions/{session['id']}/exec", json={"argv": ["pwd"]}).json()
        assert answer["stdout"].strip() == str(world.folder / "shop")
        asked = {"session_name": "beside", "command": "pwd; exit 9", "timeout": 30}
        older = ask(shared_box, "POST", "/server/remote/exec", machine, json=asked)
        assert older.json() == {"exit_code": 9, "stdout": answer["stdout"], "stderr": ""}
        late = ask(
            shared_box, "POST", "/server/remote/exec", machine, json={**asked, "command": "sleep 9", "timeout": 1}
        )
        assert late.json()["exit_code"] == -1

        assert shared_box.corral("file", "write", "@beside:docs/note.txt", stdin=b"hello").returncode == 0
        assert (world.folder / "shop" / "docs" / "note.txt").read_bytes() == b"hello"
        assert shared_box.corral("file", "read", "@beside:docs/note.txt").stdout == b"hello"
        assert shared_box.corral("file", "read", "@beside:../outside").returncode == 2
    finally:
        world.post(f"/sessions/{session['id']}/kill")


def test_http_as_editors_and_curl_use_it(shared_box: Box) -> None:
    path = "/servers/box/files/content?path=files/http.txt"
    made = ask(shared_box, "PUT", path, content=b"0123456789", headers2={"If-None-Match": "*"})
    tag = made.headers["ETag"]
    whole = ask(shared_box, "GET", path)
    assert (whole.status_code, whole.content, whole.headers["ETag"]) == (200, b"0123456789", tag)
    assert whole.headers["Content-Disposition"] == "attachment"
    part = ask(shared_box, "GET", path, headers2={"Range": "bytes=2-4", "If-Match": tag})
    assert (part.status_code, part.content) == (206, b"234")
    assert part.headers["Content-Range"] == "bytes 2-4/10"
    assert ask(shared_box, "GET", path, headers2={"Range": "bytes=99-"}).status_code == 416
    changed = ask(shared_box, "PUT", path, content=b"new", headers2={"If-Match": tag})
    stale = ask(shared_box, "PUT", path, content=b"late", headers2={"If-Match": tag})
    assert (stale.status_code, stale.json()["version"]) == (409, changed.headers["ETag"].strip('"'))
    wrong = ask(shared_box, "PUT", path, content=b"bad", headers2={"Repr-Digest": f"sha-256=:{'A' * 43}=:"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "digest_mismatch")
    assert ask(shared_box, "GET", path).content == b"new"
    assert ask(shared_box, "DELETE", path).status_code == 200
    assert ask(shared_box, "GET", path).status_code == 404


def test_a_folder_in_the_way_is_said(shared_box: Box) -> None:
    assert ask(shared_box, "PUT", "/servers/box/files/content?path=files/dir/x", content=b"x").status_code == 200
    answer = ask(shared_box, "PUT", "/servers/box/files/content?path=files/dir", content=b"x")
    assert (answer.status_code, answer.json()["code"]) == (422, "not_a_file")
    listing = ask(shared_box, "GET", "/servers/box/files?path=files/dir").json()
    assert [one["name"] for one in listing["entries"]] == ["x"]
