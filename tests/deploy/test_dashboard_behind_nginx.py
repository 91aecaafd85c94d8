"""The dashboard as people reach it: a real browser, our nginx with TLS, the real hub behind it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from corral_hub.web.pages import POLICY
from tests.acceptance.world import World
from tests.dashboard.browser import DESKTOP, PATIENCE, browser
from tests.deploy.edge import Edge, moved, running
from tests.hub_process import ADMIN, PASSWORD

pytestmark = pytest.mark.acceptance


@pytest.fixture
def edge(tmp_path: Path, database_url: str) -> Iterator[Edge]:
    """nginx in front of a hub that knows by which address people come."""
    site = moved(tmp_path)
    settings = {
        "CORRAL_ADMIN_EMAIL": ADMIN,
        "CORRAL_ADMIN_PASSWORD": PASSWORD,
        "CORRAL_PUBLIC_URL": f"https://localhost:{site.https}",
        "FORWARDED_ALLOW_IPS": "*",
    }
    world = World(tmp_path / "world", database_url, pace=settings, port=site.upstream)
    world.folder.mkdir()
    try:
        with running(site):
            world.start_hub()
            yield site
    finally:
        world.close()


def test_a_person_logs_in_through_tls_and_is_live(edge: Edge) -> None:
    """One start of everything, for the browser and for what its answers carry."""
    _a_browser_is_live(edge)
    _what_the_answers_say(edge)


def _a_browser_is_live(edge: Edge) -> None:
    with browser() as chrome:
        # The certificate is the site's own; that it is checked by programs is test_hub_behind_nginx's to show.
        context = chrome.new_context(ignore_https_errors=True, viewport=DESKTOP)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"https://localhost:{edge.https}/servers")
        expect(page.get_by_label("Password")).to_be_visible()
        complaints.clear()  # that nobody was logged in yet is an error for Chromium
        page.get_by_label("E-mail address").fill(ADMIN)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("heading", name="Fleet")).to_be_visible()
        expect(page.get_by_text("live", exact=True)).to_be_visible()
        cookies = context.cookies()
        assert [(it.get("name", "").startswith("__Host-"), it.get("secure"), it.get("httpOnly")) for it in cookies] == [
            (True, True, True)
        ]
        assert {it.get("sameSite") for it in cookies} <= {"Strict", "Lax"}
        _the_board_changes_by_itself(page)
        assert complaints == []


def _the_board_changes_by_itself(page: Page) -> None:
    """A task made by another request shows through nginx' WebSocket."""
    page.goto(page.url.replace("/servers", "/tasks"))
    expect(page.get_by_text("No tasks here.")).to_be_visible()
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    page.evaluate(
        """() => fetch("/api/v1/tasks", {method: "POST", headers: {"Content-Type": "application/json"},
                                         body: JSON.stringify({title: "Came through TLS"})})"""
    )
    expect(page.get_by_role("link", name="Came through TLS")).to_be_visible()


def _what_the_answers_say(edge: Edge) -> None:
    with httpx.Client(base_url=f"https://localhost:{edge.https}", verify=edge.trust) as client:
        page = client.get("/tasks", headers={"Accept": "text/html"})
        assert page.headers.get_list("content-security-policy") == [POLICY]
        assert len(page.headers.get_list("strict-transport-security")) == 1
        assert "max-age=63072000" in page.headers["strict-transport-security"]
        assert page.headers["cache-control"] == "no-cache"
        for name in ("x-content-type-options", "x-frame-options", "referrer-policy", "cross-origin-opener-policy"):
            assert len(page.headers.get_list(name)) == 1, name
        script = page.text.split('src="/assets/')[1].split('"')[0]
        for coding in ("br", "gzip"):
            asset = client.get(f"/assets/{script}", headers={"Accept-Encoding": coding})
            assert asset.headers["content-encoding"] == coding
            assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert "accept-encoding" in asset.headers["vary"].lower()
        known = client.get("/", headers={"Accept": "text/html", "If-None-Match": page.headers["etag"]})
        assert known.status_code == 304
