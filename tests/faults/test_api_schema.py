"""F16: the chat API does what /openapi.json says, whatever schemathesis makes of it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from desk.app import create_app
from desk.openapi import describe
from tests.desks import FakeRasa
from tests.fault_counts import Record
from tests.houses import opened
from tests.partners import served

pytestmark = pytest.mark.fault("F16")

SEED = 20261129
SCHEMA = schemathesis.openapi.from_dict(describe())
# The stream of events has no end that a client could check.
CALLS = [
    (path, method)
    for path, methods in describe()["paths"].items()
    for method in methods
    if path != "/chat/events"
]
CHECKS = (
    not_a_server_error,
    response_schema_conformance,
    content_type_conformance,
    status_code_conformance,
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A desk on a port, without limits, whose Rasa repeats what was said."""
    with opened("sqlite", tmp_path_factory.mktemp("api")) as house:
        free = replace(house.shop.limits, enabled=False)
        house.shop = replace(house.shop, limits=free)
        app = create_app(house)
        app.state.rasa.close()
        app.state.rasa = FakeRasa()
        with served(app) as address:
            yield address


def _token(url: str) -> str:
    return str(httpx.post(f"{url}/chat/sessions", trust_env=False).json()["token"])


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("path", "method"), CALLS)
def test_the_api_keeps_its_word(
    url: str,
    path: str,
    method: str,
    pytestconfig: pytest.Config,
    record_property: Record,
) -> None:
    """No 5xx, no answer that the document does not describe."""
    count = 2250 if pytestconfig.getoption("--full") else 8
    token, ends = _token(url), method == "delete"

    def call(case: Any) -> None:
        own = _token(url) if ends else token
        reply = case.call(base_url=url, headers={"Authorization": f"Bearer {own}"})
        case.validate_response(reply, checks=CHECKS)

    told = settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    strategy = SCHEMA[path][method.upper()].as_strategy()
    seed(SEED)(told(given(case=strategy)(call)))()
    record_property("trials", count)
    record_property("seed", SEED)
