"""One running product, one shop and one Chromium for all tests of the widget."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from returns.settings import ROOT
from tests.partners import free_ports
from tests.stack import Stack

pytest.register_assert_rewrite("tests.browser.visitor", "tests.browser.colleague")

from tests.browser.colleague import Colleague  # noqa: E402
from tests.browser.shop import serving  # noqa: E402
from tests.browser.visitor import Visitor  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
IMAGES = ROOT / "docs" / "images"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = None
    if CHROMIUM is None:
        missing = "no Chromium here: `apt-get install chromium`"
    elif not (ROOT / "widget/dist/v1.js").is_file():
        missing = "the widget is not built: `make widget`"
    for item in items:
        if missing and item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.skip(reason=missing))


@pytest.fixture(scope="package")
def shop_port() -> int:
    return free_ports(1)


@pytest.fixture(scope="package")
def stack(shop_port: int, tmp_path_factory: Any) -> Iterator[Stack]:
    """Every part running, for a shop that embeds the widget."""
    own = tmp_path_factory.mktemp("shop") / "shop.yml"
    text = (ROOT / "shop.yml").read_text(encoding="utf-8")
    origin = f"embed_origins:\n  - http://127.0.0.1:{shop_port}\n"
    text = text.replace("embed_origins:\n", origin).replace(
        "  enabled: true\n", "  enabled: false\n"
    )
    own.write_text(text, encoding="utf-8")
    with Stack(settings_file=own) as running:
        running.start()
        yield running.wait_ready()


@pytest.fixture(scope="package")
def shop(stack: Stack, shop_port: int) -> Iterator[str]:
    """The shop's address."""
    with serving(shop_port, stack.url) as address:
        yield address


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        yield started
        started.close()


@pytest.fixture
def visit(
    browser: Browser, shop: str, stack: Stack, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Visitor]]:
    """Visitors of the shop; none may have asked a third party or met an error."""
    folder = IMAGES if request.config.getoption("--pictures") else None
    visitors: list[Visitor] = []

    def make(**options: Any) -> Visitor:
        visitors.append(Visitor(browser, shop, stack, folder, **options))
        return visitors[-1]

    with ExitStack() as leaving:
        leaving.callback(lambda: [visitor.leave() for visitor in visitors])
        yield make
        for visitor in visitors:
            assert visitor.elsewhere == [], "asked another origin"
            assert visitor.errors == [], "an error in the page"


@pytest.fixture
def colleague(
    browser: Browser, stack: Stack, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Colleague]]:
    """People of the team; none of their pages may ask elsewhere or meet an error."""
    folder = IMAGES if request.config.getoption("--pictures") else None
    people: list[Colleague] = []

    def make(**options: Any) -> Colleague:
        people.append(Colleague(browser, stack, folder, **options))
        return people[-1]

    with ExitStack() as leaving:
        leaving.callback(lambda: [one.leave() for one in people])
        yield make
        for one in people:
            assert one.errors == [], "an error in the page"
            assert one.elsewhere == [], "asked another origin"
