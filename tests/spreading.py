"""Which tests stay together when two processes share them.

A running product (desk, Rasa, actions, worker, sandbox) takes half a minute of two
cores to start, so tests that share one go to one process. Everything else is spread
file by file. The long ones go first.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

TOGETHER = (
    "tests/faults/[sqlite]",
    "tests/faults/[postgresql]",
    "tests/browser/",
    "tests/conversations/",
    "tests/channels/",
)


class ByProduct(LoadScopeScheduling):
    def __init__(self, config: pytest.Config, log: Producer | None = None) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return product_of(nodeid)


def product_of(nodeid: str) -> str:
    """The running product that a test shares with others, else its file."""
    path, _, rest = nodeid.partition("::")
    folder = path.rpartition("/")[0] + "/"
    for kind in ("sqlite", "postgresql"):
        if kind in rest and f"{folder}[{kind}]" in TOGETHER:
            return f"{folder}[{kind}]"
    return folder if folder in TOGETHER else path
