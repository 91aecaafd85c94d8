"""HTTP requests of workflows: what is asked and answered, how it fails, and where it may not go. Real servers."""

import asyncio
import gzip
import ipaddress
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as property_of
from hypothesis import strategies as st

from corral_daemon.reach.policy import Policy, is_public, parse
from tests.daemon.nodes.servers import Asked, Names, listening, response, serving
from tests.daemon.nodes.step_world import Stage, stage

ALLOWED = Policy.read(["127.0.0.0/8"])


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Stage]:
    """A machine whose owner allows its own addresses."""
    async with stage(tmp_path, reach=ALLOWED) as made:
        yield made


@pytest.fixture
async def strict(tmp_path: Path) -> AsyncIterator[Stage]:
    """A machine as it comes."""
    async with stage(tmp_path) as made:
        yield made


def echo(asked: Asked) -> bytes:
    told = {"method": asked.method, "path": asked.path, "body": asked.body.decode(), "headers": asked.headers}
    return response(body=json.dumps(told).encode(), content_type="application/json")


# -- asked and answered ------------------------------------------------------------


async def test_what_is_asked_and_answered(here: Stage) -> None:
    async with serving(echo) as server:
        words = {"method": "POST", "url": server.url("/a?b=c"), "headers": '{"X-Mine": "1"}', "body": '{"n": 1}'}
        made = await here.output("httpRequest", words)
    assert (made["status"], made["method"], made["proxied"]) == (200, "POST", False)
    assert (made["data"]["path"], made["data"]["body"]) == ("/a?b=c", '{"n": 1}')
    headers = made["data"]["headers"]
    assert (headers["x-mine"], headers["content-type"]) == ("1", "application/json")
    assert headers["idempotency-key"] == "run/key"


async def test_what_only_reads_carries_no_key(here: Stage) -> None:
    async with serving(echo) as server:
        made = await here.output("httpRequest", {"url": server.url()})
    assert "idempotency-key" not in made["data"]["headers"]


async def test_automateos_takes_every_status_for_a_result(here: Stage) -> None:
    async with serving(lambda asked: response(404, b"gone") if asked.method == "GET" else echo(asked)) as server:
        made = await here.output("http_request_node", {"url": server.url()})
        assert (made["status_code"], made["json"], made["text"]) == (404, None, "gone")
        words = {"url": server.url(), "method": "post", "params": {"q": 1}, "json_body": {"a": 1}}
        words["header"] = {"X-A": "b"}
        made = await here.output("http_request_node", words)
    assert (made["json"]["path"], made["json"]["body"], made["json"]["headers"]["x-a"]) == ("/?q=1", '{"a": 1}', "b")


@pytest.mark.parametrize(
    ("status", "kind"), [(503, "unavailable"), (500, "unavailable"), (429, "unavailable"), (404, "reported"),
                         (400, "reported")],
)  # fmt: skip
async def test_a_status_has_its_class(here: Stage, status: int, kind: str) -> None:
    async with serving(lambda _: response(status, b'{"why": "x"}')) as server:
        result = await here.run("httpRequest", {"url": server.url()})
    assert result.error is not None
    assert result.error.kind.value == kind
    assert isinstance(result.output, dict)
    assert (result.output["status"], result.output["data"]) == (status, {"why": "x"})


async def test_a_wish_to_be_left_alone_for_a_while_is_handed_on(here: Stage) -> None:
    async with serving(lambda _: response(503, retry_after="12")) as server:
        result = await here.run("httpRequest", {"url": server.url()})
    assert result.error is not None
    assert result.error.retry_after == 12.0


async def test_nobody_there(here: Stage) -> None:
    async with serving(echo) as server:
        url = server.url()
    assert (await here.refused("httpRequest", {"url": url}))[0] == "unavailable"


async def test_no_answer_in_time(here: Stage) -> None:
    async with serving(lambda _: None) as server:
        kind, message = await here.refused("httpRequest", {"url": server.url(), "timeout": 0.3})
    assert (kind, message) == ("timeout", f"{server.url()} did not answer within 0.3 s")


async def test_an_answer_in_drops_is_late_as_well(here: Stage) -> None:
    """Each piece is in time; all of it is not."""

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with listening(drip) as port:
        words: dict[str, Any] = {"url": f"http://127.0.0.1:{port}/", "timeout": 0.5}
        assert (await here.refused("httpRequest", words))[0] == "timeout"


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_an_answer_that_is_too_long(here: Stage, encoding: str) -> None:
    plain = b"x" * 200_000
    body = gzip.compress(plain) if encoding == "gzip" else plain
    async with serving(lambda _: response(body=body, content_encoding=encoding)) as server:
        kind, message = await here.refused("httpRequest", {"url": server.url(), "max_bytes": 100_000})
    assert kind == "bad_input"
    assert "longer than 100000 bytes" in message


@pytest.mark.parametrize(
    "words",
    [{"url": "file:/etc/passwd"}, {"url": "gopher://127.0.0.1/"}, {"url": "no url"}, {"url": "http://"},
     {"url": "http://127.0.0.1:1/", "headers": "{"}, {"url": "http://127.0.0.1:1/", "headers": "[1]"},
     {"url": "http://127.0.0.1:1/", "headers": {"a": "b\r\nc: d"}}, {"url": "http://127.0.0.1:1/", "useProxy": True}],
)  # fmt: skip
async def test_what_cannot_be_asked(here: Stage, words: dict[str, Any]) -> None:
    assert (await here.refused("httpRequest", words))[0] == "bad_input"


async def test_redirects_end(here: Stage) -> None:
    async with serving(lambda asked: response(302, location=asked.path + "x")) as server:
        assert (await here.refused("httpRequest", {"url": server.url()}))[0] == "bad_input"
        assert len(server.asked) == 11


# -- where it may not go -----------------------------------------------------------

HOSTS = ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0x7f.1", "0", "0.0.0.0", "[::1]",
         "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::]", "127.0.0.1.", "LOCALHOST"]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
async def test_this_machine_under_any_name(strict: Stage, host: str) -> None:
    async with serving(echo) as server:
        kind, _ = await strict.refused("httpRequest", {"url": server.url(host=host), "timeout": 10})
        assert kind in ("bad_input", "unavailable")  # where the name means nothing here, it is not reached either
        assert server.asked == []


@pytest.mark.parametrize("node", ["httpRequest", "http_request_node"])
async def test_it_says_who_may_allow_it(strict: Stage, node: str) -> None:
    async with serving(echo) as server:
        kind, message = await strict.refused(node, {"url": server.url()})
    assert kind == "bad_input"
    assert "http_allow" in message
    assert "CORRAL_HTTP_ALLOW_PRIVATE=1" in message


async def test_a_redirect_is_asked_anew(tmp_path: Path) -> None:
    """A public page sends us to this machine's metadata service."""
    names = Names(public=[["127.0.0.1"]], metadata=[["169.254.169.254"]])
    async with serving(lambda _: response(302, location="http://metadata.test/latest")) as server:
        reach = Policy.read([f"public.test:{server.port}"])
        async with stage(tmp_path, reach=reach, resolve=names.resolve) as here:
            kind, message = await here.refused("httpRequest", {"url": server.url(host="public.test")})
        assert len(server.asked) == 1
    assert kind == "bad_input"
    assert "metadata.test is 169.254.169.254, which is not public" in message
    assert names.asked == ["public.test", "metadata.test"]


async def test_a_name_is_asked_once_and_that_address_is_used(tmp_path: Path) -> None:
    """Whoever answers for the name says something else the second time; there is no second time."""
    async with serving(echo) as wanted, serving(echo, "127.0.0.2") as other:
        names = Names(rebinds=[["127.0.0.1"], ["127.0.0.2"]])
        reach = Policy.read(["127.0.0.1/32"])
        async with stage(tmp_path, reach=reach, resolve=names.resolve) as here:
            made = await here.output("httpRequest", {"url": wanted.url(host="rebinds.test")})
            assert made["data"]["headers"]["host"] == f"rebinds.test:{wanted.port}"
            assert (await here.refused("httpRequest", {"url": wanted.url(host="rebinds.test")}))[0] == "bad_input"
        assert (len(wanted.asked), len(other.asked)) == (1, 0)
        assert names.asked == ["rebinds.test", "rebinds.test"]


async def test_one_private_address_among_others_is_enough(tmp_path: Path) -> None:
    names = Names(mixed=[["93.184.216.34", "10.0.0.1"]])
    async with stage(tmp_path, resolve=names.resolve) as here:
        assert (await here.refused("httpRequest", {"url": "http://mixed.test/"}))[0] == "bad_input"


async def test_the_next_address_is_tried(tmp_path: Path) -> None:
    async with serving(echo, "127.0.0.2") as server:
        names = Names(two=[["127.0.0.1", "127.0.0.2"]])
        async with stage(tmp_path, reach=ALLOWED, resolve=names.resolve) as here:
            made = await here.output("httpRequest", {"url": server.url(host="two.test"), "method": "POST", "body": "x"})
    assert made["data"]["body"] == "x"


async def test_proxies_of_the_environment_are_not_used(strict: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(echo) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, proxy.url())
        assert (await strict.refused("httpRequest", {"url": "http://169.254.169.254/"}))[0] == "bad_input"
        assert proxy.asked == []


async def test_the_owner_allows_a_host_by_name(tmp_path: Path) -> None:
    async with serving(echo) as server, serving(echo) as another:
        names = Names(wiki=[["127.0.0.1"]])
        async with stage(tmp_path, reach=Policy.read([f"wiki.test:{server.port}"]), resolve=names.resolve) as here:
            assert await here.output("httpRequest", {"url": server.url(host="wiki.test")})
            assert (await here.refused("httpRequest", {"url": another.url(host="wiki.test")}))[0] == "bad_input"


# -- the policy itself -------------------------------------------------------------

PRIVATE = ["127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
           "100.64.0.1", "100.100.100.200", "0.0.0.0", "255.255.255.255", "224.0.0.1", "239.1.2.3", "192.0.0.192",
           "198.18.0.1", "192.0.2.1", "240.0.0.1", "168.63.129.16", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
           "fd00:ec2::254", "ff02::1", "fec0::1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::",
           "2002:a9fe:a9fe::1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "::7f00:1", "2001:db8::1",
           "2001:0:7f00:1::1"]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private(address: str) -> None:
    assert not is_public(parse(address))
    assert not Policy().allows(parse(address))
    assert Policy.read([], everything=True).allows(parse(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_public(address: str) -> None:
    assert is_public(parse(address))


@property_of(st.integers(0, 2**32 - 1))
def test_whatever_carries_an_address_is_judged_by_it(number: int) -> None:
    inner = ipaddress.IPv4Address(number)
    for outer in (0xFFFF << 32, 0x64FF9B << 96, 0):
        assert is_public(ipaddress.IPv6Address(outer | number)) <= is_public(inner)
    assert is_public(ipaddress.IPv6Address(0x2002 << 112 | number << 80)) <= is_public(inner)


@property_of(st.ip_addresses())
def test_what_is_private_is_never_public(address: Any) -> None:
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        mapped = getattr(address, "ipv4_mapped", None)
        assert not is_public(address) or (mapped is not None and is_public(mapped))


@pytest.mark.parametrize("entry", ["", "10.0.0.0/8/8", "host:port", "host:0", "host:70000", "http://host", " host"])
def test_entries_that_mean_nothing(entry: str) -> None:
    with pytest.raises(ValueError, match="is no network"):
        Policy.read([entry])


def test_entries() -> None:
    policy = Policy.read(["10.0.0.0/8", "Wiki.Example", "db:5432", "[::1]:8080", "192.168.1.1"])
    assert policy.allows(parse("10.2.3.4"))
    assert policy.allows(parse("::ffff:10.2.3.4"))
    assert policy.allows(parse("192.168.1.1"))
    assert not policy.allows(parse("192.168.1.2"))
    assert policy.names("wiki.example.", 1)
    assert (policy.names("db", 5432), policy.names("db", 80), policy.names("::1", 8080)) == (True, False, True)
