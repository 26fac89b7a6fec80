"""Options of the whole test run."""

import pytest
from xdist.remote import Producer

# Helpers whose asserts tell what they saw; before anything imports them.
pytest.register_assert_rewrite(
    *(f"tests.faults.{name}" for name in ("lives", "shoppers", "strikes", "journeys"))
)

from returns.settings import ROOT  # noqa: E402
from tests.databases import KEPT  # noqa: E402
from tests.spreading import ByProduct  # noqa: E402


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="the issues' full counts")
    parser.addoption(
        "--pictures", action="store_true", help="renew docs/images from the browser"
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--full"):
        from tests.fault_counts import FaultCounts

        counts = FaultCounts(ROOT / "benchmarks" / "faults.json")
        config.pluginmanager.register(counts)


def pytest_unconfigure() -> None:
    KEPT.close()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    if config.getoption("--full"):
        return
    for item in items:
        if item.get_closest_marker("full"):
            item.add_marker(pytest.mark.skip(reason="with the full counts only"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByProduct:
    return ByProduct(config, log)
