"""The whole product with both platforms on, and Meta's side on loopback."""

from collections.abc import Iterator

import httpx
import pytest

from returns.clock import Clock
from tests.channels.talkers import Platforms
from tests.graph import Courier, simulated
from tests.platforms import SECRET, SECRETS, TOKENS, shop_with_both
from tests.stack import Stack


@pytest.fixture(scope="package")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platforms]:
    shop = shop_with_both(tmp_path_factory.mktemp("shop"))
    with simulated(SECRET, TOKENS) as meta:
        meta.now = Clock().now
        own = {**SECRETS, "BONRETOUR_GRAPH_URL": meta.url}
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
    if "trial" in metafunc.fixturenames:
        trials = 10 if metafunc.config.getoption("--full") else 1
        metafunc.parametrize("trial", range(trials))
