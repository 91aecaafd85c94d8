"""Secrets are masked wherever they stand and however the bytes come; nothing else is touched, nothing is kept long."""

import base64
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.masking import Masker, forms

SECRETS = st.lists(
    st.one_of(
        st.text("ab", min_size=1, max_size=9), st.sampled_from(["corral_s3cret/+", "päss wörd", "aaaaaa", "abaabaab"])
    ),
    max_size=4,
)
PIECE = st.one_of(
    st.text("ab", max_size=12), st.sampled_from(["corral_s3cret/+", "corral_s3", "päss wörd", "\x1b[1m", "x"])
)
OUTPUT = st.lists(PIECE, max_size=12).map(lambda pieces: "".join(pieces).encode())
CUTS = st.lists(st.integers(0, 150), max_size=6).map(sorted)


def masked(output: bytes, secrets: list[str]) -> bytes:
    """Every form of every secret, the slow and obvious way."""
    stars = bytearray(output)
    for form in {form for secret in secrets for form in forms(secret)}:
        for at in range(len(output) - len(form) + 1):
            if output[at : at + len(form)] == form:
                stars[at : at + len(form)] = b"*" * len(form)
    return bytes(stars)


@given(SECRETS, OUTPUT, CUTS)
def test_pieces_are_masked_like_the_whole(secrets: list[str], output: bytes, cuts: list[int]) -> None:
    masker = Masker(secrets)
    clear = b""
    for start, end in pairwise((0, *cuts, len(output) + 150)):
        clear += masker.mask(output[start:end])
        assert clear == masked(output[: min(end, len(output))], secrets)[: len(clear)]
        assert masker.held == min(end, len(output)) - len(clear)
    assert clear + masker.flush() == masked(output, secrets)
    assert masker.held == 0


@given(SECRETS, OUTPUT)
def test_only_what_may_begin_a_secret_is_held(secrets: list[str], output: bytes) -> None:
    masker = Masker(secrets)
    masker.mask(output)
    beginnings = {b""} | {form[:length] for secret in secrets for form in forms(secret) for length in range(len(form))}
    assert output[len(output) - masker.held :] in beginnings


@given(SECRETS, OUTPUT, CUTS)
def test_a_flush_shows_only_what_was_held(secrets: list[str], output: bytes, cuts: list[int]) -> None:
    """Who cannot wait shows the beginning of a secret; its end is masked all the same."""
    masker, expected = Masker(secrets), masked(output, secrets)
    clear, early = b"", set[int]()
    for start, end in pairwise((0, *cuts, len(output))):
        clear += masker.mask(output[start:end])
        early |= set(range(len(clear), len(clear) + masker.held))
        clear += masker.flush()
    assert len(clear) == len(output)
    assert all(clear[at] == expected[at] or (at in early and clear[at] == output[at]) for at in range(len(output)))


@pytest.mark.parametrize("before", ["", "x", "yz", "user:"])
def test_encoded_secrets_are_masked(before: str) -> None:
    secret = "s3cret/with+päss"
    token = base64.b64encode(f"{before}{secret}!".encode())
    clear = Masker([secret]).mask(b"Basic " + token + b"\n")
    kept = [chr(byte) for byte, was in zip(clear[6:], token, strict=False) if byte == was]
    assert len(kept) <= len(before) * 8 // 6 + 6
    assert Masker([secret]).mask(f"?q={quote(secret)}&".encode()) == f"?q={'*' * len(quote(secret))}&".encode()


def test_each_line_of_a_secret_is_masked() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n-----END KEY-----\n"
    shown = key.replace("\n", "\r\n").encode()
    assert set(Masker([key]).mask(shown)) == set(b"*\r\n")


def test_short_secrets_are_left_alone() -> None:
    assert Masker(["12345", ""]).mask(b"12345") == b"12345"


def test_without_secrets_nothing_is_copied() -> None:
    data = b"a" * 100
    assert Masker().mask(data) is data


def test_a_secret_that_is_no_text() -> None:
    assert Masker(["\ud800secret", "sec\udcffret"]).mask(b"plain\n") == b"plain\n"
