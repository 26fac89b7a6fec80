"""Tasks that channels open can be finished like any other."""

from desk.channels import elsewhere, sending
from returns.services import finishing


def test_what_channels_ask_of_people_can_be_finished() -> None:
    """A kind that finishing does not know would break the console's list of tasks."""
    for kind in (elsewhere.UNDELIVERED, sending.STOPPED_TASK):
        assert finishing.needs(kind) is finishing.Needs.NOTHING
