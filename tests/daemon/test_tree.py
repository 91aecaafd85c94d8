"""Who belongs to whom, on random process forests."""

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.processes.table import parse_cookie, parse_ps, parse_stat
from corral_daemon.processes.tree import Process, Snapshot, alive, below, family, remember, strays

ROOT = 2


@st.composite
def forests(draw: st.DrawFn) -> Snapshot:
    """Pids from 2 up, each the child of a smaller one or of init; sessions and groups of an ancestor or their own."""
    size = draw(st.integers(1, 40))
    found: dict[int, Process] = {}
    for pid in range(2, size + 2):
        ppid = draw(st.sampled_from([1, *found]))
        parent = found.get(ppid, Process(0, 1, 1, "0"))
        sid = pid if draw(st.booleans()) else parent.sid
        pgid = pid if sid == pid or draw(st.booleans()) else parent.pgid
        cookie = draw(st.sampled_from([None, None, "mine", "other"]))
        found[pid] = Process(ppid, pgid, sid, str(pid), cookie, draw(st.booleans()))
    return found


def is_below(snapshot: Snapshot, pid: int, root: int) -> bool:
    while pid in snapshot:
        pid = snapshot[pid].ppid
        if pid == root:
            return True
    return False


@given(forests())
def test_below_is_what_following_the_parents_says(snapshot: Snapshot) -> None:
    assert below(snapshot, [ROOT]) == {pid for pid in snapshot if is_below(snapshot, pid, ROOT)}


@given(forests(), st.data())
def test_strays_are_below_the_keeper_and_below_no_warden(snapshot: Snapshot, data: st.DataObject) -> None:
    wardens = data.draw(st.sets(st.sampled_from(sorted(snapshot))))
    found = strays(snapshot, 1, wardens)
    for pid in snapshot:
        guarded = pid in wardens or any(is_below(snapshot, pid, warden) for warden in wardens)
        assert (pid in found) is not guarded


@given(forests())
def test_a_family_holds_its_cookies_and_all_below_them(snapshot: Snapshot) -> None:
    found = family(snapshot, root=None, cookie="mine", known=frozenset())
    carriers = {pid for pid, process in snapshot.items() if process.cookie == "mine"}
    assert found == carriers | below(snapshot, carriers)


@given(forests())
def test_without_cookie_and_memory_nobody_is_taken(snapshot: Snapshot) -> None:
    assert family(snapshot, root=None, cookie="", known=frozenset()) == frozenset()


@given(forests(), st.data())
def test_who_was_known_is_found_again_after_it_was_reparented(snapshot: Snapshot, data: st.DataObject) -> None:
    known = remember(snapshot, below(snapshot, [ROOT]))
    lost = data.draw(st.sets(st.sampled_from(sorted(snapshot))))
    later = {
        pid: process._replace(ppid=1 if process.ppid in lost else process.ppid, cookie=None)
        for pid, process in snapshot.items()
        if pid not in lost
    }
    found = family(later, root=None, cookie="", known=known)
    assert {pid for pid, _ in known if pid in later} <= found


@given(forests())
def test_a_pid_that_was_given_away_is_nobody_we_know(snapshot: Snapshot) -> None:
    known = remember(snapshot, snapshot)
    reused = {pid + 1000: process._replace(started="later") for pid, process in snapshot.items()}
    stranger = {pid: Process(1, 1, 1, "later") for pid in snapshot}
    assert family(stranger, root=None, cookie="", known=known) == frozenset()
    assert alive(reused, reused) == {pid for pid, process in reused.items() if not process.zombie}


def test_a_dead_leader_still_names_its_session() -> None:
    snapshot = {50: Process(1, 50, 40, "50")}
    assert family(snapshot, root=None, cookie="", known=frozenset({(40, "40")})) == {50}


def test_stat_with_a_name_full_of_parentheses() -> None:
    line = b"12 (a) R (b 3) S 7 8 9 " + b" ".join(str(number).encode() for number in range(16)) + b" 5555 0"
    assert parse_stat(line) == Process(7, 8, 9, "15", None, False)
    assert parse_stat(b"") is None


def test_cookie_of_an_environment() -> None:
    assert parse_cookie(b"A=1\0CORRAL_UNIT=xyz\0B=2\0") == "xyz"
    assert parse_cookie(b"NOT_CORRAL_UNIT=xyz\0") is None


def test_ps_of_other_systems() -> None:
    text = "    1     0     1 Ss   Mon Jan  1 10:00:00 2024\n  300     1   300 Z    Mon Jan  1 10:00:01 2024\njunk\n"
    found = parse_ps(text)
    assert found[300] == Process(1, 300, 300, "Mon Jan  1 10:00:01 2024", None, True)
    assert set(found) == {1, 300}
