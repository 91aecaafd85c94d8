"""When a lease may be taken: by nobody while its holder may live, by somebody once it does not."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from corral_hub.lease.model import MISSES, Seen, count_misses, is_free

OTHER = Seen(
    epoch=4, holder=UUID(int=1), name="anvil:8000", expires_at=datetime(2026, 1, 1, tzinfo=UTC), expired=False,
    sessions=3, may_fence=True, settled=True,
)  # fmt: skip
seen = st.builds(
    Seen,
    epoch=st.integers(1, 3),
    holder=st.sampled_from([None, UUID(int=1), UUID(int=2)]),
    name=st.sampled_from(["anvil:8000", "bellows:8000"]),
    expires_at=st.just(OTHER.expires_at),
    expired=st.booleans(),
    sessions=st.integers(0, 2),
    may_fence=st.booleans(),
    settled=st.booleans(),
)


@given(st.lists(seen, max_size=30))
def test_a_holder_that_has_a_session_and_time_left_keeps_it(looks: list[Seen]) -> None:
    misses, before = 0, None
    for look in looks:
        misses, before = count_misses(look, before, misses), look
        if look.holder is not None and look.sessions and not look.expired:
            assert not is_free(look, misses, "bellows:8000")


@given(seen, st.integers(0, 10), st.sampled_from(["anvil:8000", "bellows:8000"]))
def test_who_could_not_be_fenced_off_is_not_replaced(look: Seen, misses: int, name: str) -> None:
    if look.holder is not None and not look.may_fence:
        assert not is_free(look, misses, name)


@given(st.lists(seen, max_size=30))
def test_misses_count_looks_in_a_row_at_one_epoch(looks: list[Seen]) -> None:
    misses, before = 0, None
    for number, look in enumerate(looks):
        misses, before = count_misses(look, before, misses), look
        last = looks[number - misses + 1 : number + 1]
        assert all(one.expired or (not one.sessions and one.settled) for one in last)
        assert all(one.epoch == look.epoch for one in last)


def test_a_dead_holder_is_replaced_after_a_few_looks_or_at_once_by_who_has_its_address() -> None:
    dead = replace(OTHER, sessions=0)
    assert is_free(dead, MISSES, "bellows:8000")
    assert not is_free(dead, MISSES - 1, "bellows:8000")
    assert is_free(dead, 1, "anvil:8000")
    hangs = replace(OTHER, expired=True)
    assert is_free(hangs, MISSES, "bellows:8000")
    assert not is_free(hangs, MISSES - 1, "anvil:8000"), "its sessions are there: it may be about to renew"


def test_after_postgresql_was_started_everybody_has_time_to_come_back() -> None:
    assert count_misses(replace(OTHER, sessions=0, settled=False), OTHER, 3) == 0
