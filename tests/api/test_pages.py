"""The dashboard's pages on the wire: what a browser gets, and what programs get where there is nothing."""

import gzip
from collections.abc import Iterator

import httpx
import pytest

from tests.api.test_bad_input import problem
from tests.hub_process import HubProcess, database

HTML = {"Accept": "text/html"}
PAGE, SCRIPT = "<!doctype html><title>Corral</title>", "console.log(1)"


@pytest.fixture(scope="module")
def hub(postgres: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    folder = tmp_path_factory.mktemp("pages")
    (folder / "static" / "assets").mkdir(parents=True)
    (folder / "secret.txt").write_text("hidden")
    (folder / "static" / "index.html").write_text(PAGE)
    (folder / "static" / "assets" / "app-1.js").write_text(SCRIPT)
    (folder / "static" / "assets" / "app-1.js.gz").write_bytes(gzip.compress(SCRIPT.encode()))
    settings = {"CORRAL_DASHBOARD_DIR": str(folder / "static")}
    with database(postgres, template) as url, HubProcess(folder, url, settings) as running:
        yield running


def get(hub: HubProcess, path: str, **headers: str) -> httpx.Response:
    return hub.client.get(path, headers=headers)


@pytest.mark.parametrize("path", ["/", "/tasks/5d0e?view=board", "/a/b/c", "/login"])
def test_every_address_of_the_dashboard_is_its_page(hub: HubProcess, path: str) -> None:
    answer = get(hub, path, **HTML)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; script-src 'self';")
    assert answer.headers["cross-origin-opener-policy"] == "same-origin"
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    again = get(hub, path, **HTML, **{"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_files_with_a_hash_are_kept_for_good_and_come_compressed(hub: HubProcess) -> None:
    answer = get(hub, "/assets/app-1.js", **{"Accept-Encoding": "gzip"})
    assert (answer.text, answer.headers["content-encoding"]) == (SCRIPT, "gzip")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    plain = get(hub, "/assets/app-1.js", **{"Accept-Encoding": "identity"})
    assert plain.text == SCRIPT and "content-encoding" not in plain.headers
    head = hub.client.head("/assets/app-1.js", headers={"Accept-Encoding": "identity"})
    assert (head.content, head.headers["content-length"]) == (b"", str(len(SCRIPT)))


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api", "/ws/nothing", "/metrics/x", "/assets/gone-2.js"])
def test_programs_get_problems(hub: HubProcess, path: str) -> None:
    problem(get(hub, path, **HTML), 404, "route_not_found")


def test_what_routes_refuse_stays_refused(hub: HubProcess) -> None:
    assert hub.client.post("/", headers=HTML).status_code == 404
    assert get(hub, "/api/v1/login", **HTML).status_code == 405
    problem(get(hub, "/tasks/5d0e"), 404, "route_not_found")


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt",
     "/..%5csecret.txt", "//secret.txt", "/secret.txt%00.html", "/assets/app-1.js%00"],
)  # fmt: skip
def test_nothing_outside_the_folder(hub: HubProcess, path: str) -> None:
    answer = hub.client.send(httpx.Request("GET", hub.url + path, headers=HTML))
    assert "hidden" not in answer.text and SCRIPT not in answer.text


def test_not_built(shared_hub: HubProcess) -> None:
    answer = get(shared_hub, "/", **HTML)
    if answer.headers["content-type"].startswith("text/html"):
        pytest.skip("the dashboard is built here")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert "make dashboard" in answer.text
