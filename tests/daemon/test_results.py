"""What a unit leaves in the place of $CORRAL_RESULT."""

from pathlib import Path

import pytest

from corral_protocol.vocabulary import ErrorClass
from tests.daemon.runner_world import runner_world, shell


@pytest.mark.parametrize(
    "shell_line",
    [
        "mkfifo $CORRAL_RESULT",
        "ln -s /etc/hostname $CORRAL_RESULT",
        "ln -s /dev/zero $CORRAL_RESULT",
        "mkdir $CORRAL_RESULT",
        "truncate --size=1G $CORRAL_RESULT",
        "printf '{\"a\": ' > $CORRAL_RESULT",
        "printf '[%.0s' $(seq 200000) > $CORRAL_RESULT",
        "printf '{\"n\": %s}' $(printf '9%.0s' $(seq 6000)) > $CORRAL_RESULT",
        "printf '\\377\\376{}' > $CORRAL_RESULT",
    ],
)
async def test_whatever_stands_in_the_place_of_the_result_ends_the_unit(tmp_path: Path, shell_line: str) -> None:
    async with runner_world(tmp_path) as world:
        outcome = await world.done(shell(shell_line))
        assert outcome.error and outcome.error.kind is ErrorClass.RESULT_UNREADABLE
        assert "$CORRAL_RESULT" in outcome.error.message
