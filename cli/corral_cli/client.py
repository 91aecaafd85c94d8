"""The hub over HTTP, synchronously. Every failure leaves as a CliError with code, hint and exit code."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from corral_cli.errors import NotPermitted, Unreachable, Usage
from corral_cli.lazy import lazy
from corral_cli.problem import read_problem
from corral_cli.progress import spinning
from corral_cli.settings import Credential

if TYPE_CHECKING:
    import ssl

    import httpx
else:
    ssl = lazy("ssl")
    httpx = lazy("httpx", without="httpx._main")  # its own command line, which costs twice what the client does

PEOPLE = "/api/v1"
AGENTS = "/api/v1/server"
PAGE = 500
"""The largest page the hub hands out."""

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_CONNECT, _READ = 5.0, 60.0


def trusted(hub_url: str) -> "ssl.SSLContext | bool":
    """Return whom to trust. Without TLS nobody: to load the world's certificates takes 10 ms of every command."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if urlsplit(hub_url).scheme == "http" else True


class Client:
    """`get`, `post` … speak as whoever the credential is: a key uses the agents' routes, a login the people's.

    `people=True` insists on the people's routes, for what only they can do. Close it, or use it in a `with`.
    """

    def __init__(self, hub_url: str, credential: Credential, *, read_timeout: float = _READ) -> None:
        self.hub_url = hub_url
        self.credential = credential
        self._http = httpx.Client(
            base_url=hub_url,
            timeout=httpx.Timeout(read_timeout, connect=min(_CONNECT, read_timeout)),
            follow_redirects=False,
            verify=trusted(hub_url),
            trust_env=urlsplit(hub_url).hostname not in LOOPBACK,  # a proxy is never on the way to this machine
            headers={"Accept": "application/json", "User-Agent": "corral-cli"},
        )

    @property
    def is_agent(self) -> bool:
        return self.credential.api_key is not None

    def get(self, path: str, *, people: bool = False, **query: Any) -> Any:
        return self.request("GET", path, people=people, query=query)

    def post(self, path: str, body: Any = None, *, people: bool = False) -> Any:
        return self.request("POST", path, people=people, body=body)

    def wait_for(self, path: str, body: Any) -> Any:
        """Post, and wait for the answer however long it takes."""
        prefix, headers = self._identity(people=False)
        return self.send("POST", prefix + path, headers=headers, json=body, timeout=None)

    def put(self, path: str, body: Any) -> Any:
        return self.request("PUT", path, body=body)

    def patch(self, path: str, body: Any, *, people: bool = True) -> Any:
        return self.request("PATCH", path, people=people, body=body)

    def delete(self, path: str, *, people: bool = False, **query: Any) -> Any:
        return self.request("DELETE", path, people=people, query=query)

    def pages(self, path: str, key: str, limit: int, **query: Any) -> Iterator[tuple[list[Any], str | None]]:
        """Yield (items, cursor of the next page) until `limit` items came; limit 0 means all."""
        left, cursor = limit, query.pop("cursor", None)
        while True:
            answer = self.get(path, limit=min(left, PAGE) if limit else PAGE, cursor=cursor, **query)
            items, cursor = list(answer.get(key, ())), answer.get("next_cursor")
            left -= len(items)
            yield items, cursor
            if not cursor or not items or (limit and left <= 0):
                return

    def request(
        self, method: str, path: str, *, people: bool = False, body: Any = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the JSON of a 2xx answer to a route under /api/v1. Raises CliError."""
        prefix, headers = self._identity(people)
        return self.send(method, prefix + path, headers=headers, json=body, params=_present(query or {}))

    @contextmanager
    def stream(
        self, method: str, path: str, query: Mapping[str, Any], headers: Mapping[str, str],
        content: bytes | Iterable[bytes] | None = None,
    ) -> Iterator["httpx.Response"]:  # fmt: skip
        """Send bytes, or hand out those of an answer, as they come. Raises CliError, whenever it breaks."""
        prefix, identity = self._identity(people=False)
        try:
            with self._http.stream(
                method, prefix + path, params=_present(query), headers={**identity, **headers}, content=content
            ) as response:
                if not response.is_success:
                    response.read()
                    _read(response)
                yield response
        except httpx.HTTPError as error:
            raise _unreachable(self.hub_url, error) from error

    def send(self, method: str, path: str, **options: Any) -> Any:
        """Send to any path of the hub, without credential unless `headers` carry one."""
        if options.get("json") is None:
            options.pop("json", None)
        try:
            with spinning(f"waiting for {self.hub_url}"):
                response = self._http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise _unreachable(self.hub_url, error) from error
        except httpx.InvalidURL as error:
            raise Usage(f"{self.hub_url} is not a usable address: {error}", code="bad_hub_url") from error
        return _read(response)

    @contextmanager
    def download(self, path: str, **query: Any) -> Iterator[Iterator[bytes]]:
        """Give the body of an answer piece by piece, as it comes. Raises CliError, also while it is read."""
        with self.stream("GET", path, query, {}) as response:
            yield response.iter_bytes()

    def login(self, email: str, password: str) -> Mapping[str, Any]:
        form = {"username": email, "password": password}
        return self.send("POST", f"{PEOPLE}/login", data=form)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _identity(self, people: bool) -> tuple[str, Mapping[str, str]]:
        if self.credential.api_key is not None and not people:
            return AGENTS, {"X-API-Key": self.credential.api_key}
        if self.credential.token is not None:
            return PEOPLE, {"Authorization": f"Bearer {self.credential.token}"}
        if self.credential.api_key is not None:
            raise NotPermitted(
                "this is for people, and you are here with a server's or task's key",
                code="people_only",
                hint="Ask a person (`corral task help`), or log in as one with `corral login`.",
            )
        raise NotPermitted(f"you are not logged in to {self.hub_url}")


def segment(value: str) -> str:
    """Return an id or a name as one part of a path. Raises Usage for an empty one."""
    if not value.strip() or value in (".", ".."):
        raise Usage(f"{value!r} is not an id", hint="Give the id from a list, at least its first four characters.")
    return quote(value.strip(), safe="")


def _read(response: "httpx.Response") -> Any:
    try:
        body: Any = response.json() if response.content else {}
    except ValueError:
        body = None
    if response.is_success and body is not None:
        return body
    if response.is_success or response.is_redirect:
        raise Unreachable(
            f"{response.url.copy_with(query=None)} answered {response.status_code}, but not as a Corral hub would",
            code="not_a_hub",
            hint="Check the address: `corral config show --origin` tells where it comes from.",
        )
    raise read_problem(
        response.status_code, response.text if body is None else body, response.headers.get("Retry-After")
    )


def _unreachable(hub_url: str, error: "httpx.HTTPError") -> Unreachable:
    if isinstance(error, httpx.ReadTimeout):
        return Unreachable(
            f"the hub at {hub_url} took the request but did not answer in time",
            code="hub_timeout",
            hint="It may be busy or stuck: `corral doctor` looks. Before repeating a change, see what it did.",
        )
    why = str(error) or type(error).__name__
    return Unreachable(f"the hub at {hub_url} cannot be reached: {why}")


def _present(query: Mapping[str, Any]) -> dict[str, Any]:
    words = {True: "true", False: "false"}
    return {
        key: words[value] if isinstance(value, bool) else value for key, value in query.items() if value is not None
    }
