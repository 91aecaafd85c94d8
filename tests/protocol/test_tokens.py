"""Registration tokens survive being copied, and a damaged one says what is wrong with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_protocol.tokens import PREFIX, BadToken, RegistrationToken, format_token, parse_token

URLS = st.builds(
    lambda scheme, host, port, path: f"{scheme}://{host}:{port}{path}",
    st.sampled_from(["http", "https"]),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789.-ü", min_size=1, max_size=40),
    st.integers(1, 65535),
    st.sampled_from(["", "/hub", "/a/b?c=d.e"]),
)
SECRETS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.", min_size=1, max_size=64)


@given(URLS, SECRETS)
def test_round_trip(url: str, secret: str) -> None:
    token = format_token(url, secret)
    assert parse_token(token) == RegistrationToken(url, secret)
    assert token.isascii()
    assert not set(token) & set(" \t\n/+=?&'\"")


@given(URLS, SECRETS)
def test_padding_may_be_there(url: str, secret: str) -> None:
    """The published servers pad the URL part; ours do not."""
    encoded, _, rest = format_token(url, secret).partition(".")
    padded = encoded + "=" * (-len(encoded.removeprefix(PREFIX)) % 4)
    assert parse_token(f"{padded}.{rest}") == RegistrationToken(url, secret)


@given(st.text(max_size=80) | st.text(max_size=80).map(PREFIX.__add__))
def test_garbage_is_refused(text: str) -> None:
    try:
        parsed = parse_token(text)
    except BadToken as error:
        assert str(error)
        return
    assert parsed.hub_url.startswith(("http://", "https://"))
    assert parsed.secret


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "starts with orcreg_"),
        ("orc_abc", "starts with orcreg_"),
        ("orcreg_aHR0cDovL2E", "no secret part"),
        ("orcreg_aHR0cDovL2E.", "no secret part"),
        ("orcreg_aHR0cDovL2E*.s", "cannot be read"),
        ("orcreg_a.s", "cannot be read"),
        ("orcreg__w.s", "cannot be read"),
        ("orcreg_ZmlsZTovLy9ldGM.s", "does not hold an http"),
        ("orcreg_aHR0cDovLw.s", "does not hold an http"),
        ("orcreg_aHR0cDovL2Eü.s", "cannot be read"),
    ],
)
def test_it_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(BadToken, match=says):
        parse_token(text)


def test_a_slash_at_the_end_does_not_matter() -> None:
    assert parse_token(format_token("https://hub.example/", "s")).hub_url == "https://hub.example"


def test_a_copied_newline_does_not_matter() -> None:
    assert parse_token(f"  {format_token('https://hub.example', 's')}\n").secret == "s"
