"""The whole product with both platforms on, and Meta's side on loopback."""

from collections.abc import Iterator

import httpx
import pytest

from returns.clock import Clock
from tests.channels.talkers import Platforms
from tests.databases import KINDS, three_databases
from tests.graph import Courier, simulated
from tests.platforms import SECRET, SECRETS, TOKENS, shop_with_both
from tests.stack import Stack

KILLS = 6  # at each of nine places: more than the fifty that issue 7 asks for


@pytest.fixture(scope="package")
def platforms(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platforms]:
    """Everything running, on one kind of database after the other."""
    folder = tmp_path_factory.mktemp("shop")
    shop = shop_with_both(folder)
    with (
        simulated(SECRET, TOKENS) as meta,
        three_databases(request.param, folder) as databases,
    ):
        meta.now = Clock().now
        own = {**SECRETS, **databases, "BONRETOUR_GRAPH_URL": meta.url}
        with (
            Stack(own, shop) as stack,
            httpx.Client(base_url=stack.url, timeout=30, trust_env=False) as http,
        ):
            stack.start()
            stack.wait_ready()

            def post(path: str, body: bytes, headers: dict[str, str]) -> int:
                return http.post(path, content=body, headers=headers).status_code

            yield Platforms(stack, meta, Courier(post, SECRET))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """PostgreSQL has its turn in `make test-full`."""
    full = metafunc.config.getoption("--full")
    if "platforms" in metafunc.fixturenames:
        kinds = KINDS if full else KINDS[:1]
        metafunc.parametrize("platforms", kinds, indirect=True, scope="package")
    if "trial" in metafunc.fixturenames:
        metafunc.parametrize("trial", range(KILLS if full else 1))
