"""Every clip through the pure reducer: what would have been said, and since when."""

from pathlib import Path

import pytest

from corral_daemon.attention.model import Ended, Looked
from corral_protocol.vocabulary import Attention
from tests.daemon.attention.clip import FOLDER, load, replay, told

CLIPS = sorted(FOLDER.glob("*.jsonl"))


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
def test_it_is_judged_as_expected(path: Path) -> None:
    clip = load(path)
    assert clip.about["origin"] in ("recorded", "typed")
    assert clip.expected
    assert told(clip.signals) == list(clip.expected)


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
def test_evidence_is_never_younger_than_its_verdict(path: Path) -> None:
    for at, verdict in replay(load(path).signals):
        assert verdict.since <= at


@pytest.mark.parametrize("path", CLIPS, ids=lambda path: path.stem)
def test_it_is_ready_for_text_only_where_nothing_is_going_on(path: Path) -> None:
    """What an adapter calls ready, nothing else contradicts: no dialog, no spinner, no text that somebody has begun."""
    clip = load(path)
    for signal in clip.signals:
        if isinstance(signal, Looked) and signal.sign is not None and signal.sign.ready_for_text:
            assert signal.sign.attention is Attention.IDLE
            assert "esc to interrupt" not in "\n".join(signal.screen.lines).lower()
            assert not any(word in "\n".join(signal.screen.lines) for word in ("1. Yes", "1. Trust", "half a line"))


def test_the_end_is_the_end() -> None:
    for path in CLIPS:
        signals = load(path).signals
        over = Ended(at=signals[-1].at, code=0)
        *_, (_, last) = replay([*signals, over, *signals])
        assert (last.attention, last.since) == (Attention.FINISHED, over.at)
