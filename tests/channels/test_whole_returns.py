"""A whole return with a photo ends the same on the web and on each platform."""

from typing import Any

import pytest

from returns.services import views
from tests.channels.talkers import WORDS, Platforms, return_a_dress
from tests.faults.journeys import eventually
from tests.orders import new_order
from tests.pictures import photo

CHANNELS = ("messenger", "whatsapp")
# Other for each conversation by their nature.
OWN = ("return_id", "rma_number", "order_number", "conversation_id", "channel")


def _told(platforms: Platforms, number: str) -> list[dict[str, Any]]:
    """The order's returns and the bank's book, without what must differ."""
    (case,) = views.all_returns(platforms.stack.house, number)
    plain = {key: value for key, value in case.items() if key not in OWN}
    plain.pop("created_at")
    plain["lines"] = [
        {key: value for key, value in line.items() if key != "line_id"}
        for line in case["lines"]
    ]
    plain["history"] = sorted((one["event"], one["by"]) for one in case["history"])
    for moment in ("ship_by",):
        plain.pop(moment, None)
    return [plain]


def _finish(platforms: Platforms, order: dict[str, Any]) -> list[dict[str, Any]]:
    house, number = platforms.stack.house, order["order_number"]
    eventually(lambda: _events(platforms, number) & {"evidence.sent"}, "the photo went")
    rma = views.all_returns(house, number)[0]["rma_number"]
    platforms.stack.sandbox.receive(rma)
    eventually(
        lambda: views.all_returns(house, number)[0]["status"] == "closed", "closed"
    )
    book = [
        row["amount_minor"]
        for row in platforms.stack.sandbox.book()
        if row["payment_reference"] == order["payment"]["reference"]
    ]
    assert book == [6480]
    return _told(platforms, number)


def _events(platforms: Platforms, number: str) -> set[str]:
    found = views.all_returns(platforms.stack.house, number)
    return {entry["event"] for case in found for entry in case["history"]}


def _on_the_web(platforms: Platforms, language: str) -> list[dict[str, Any]]:
    order = new_order(platforms.stack.house)
    customer = platforms.stack.customer(language)
    return_a_dress(
        customer.say,
        lambda _caption: customer.show(customer.upload(photo())),
        order,
        language,
    )
    return _finish(platforms, order)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("channel", CHANNELS)
def test_a_whole_return(platforms: Platforms, channel: str, language: str) -> None:
    """The same case, the same money, the same evidence as on the web."""
    expected = _on_the_web(platforms, language)
    order = new_order(platforms.stack.house)
    somebody = platforms.somebody(channel)
    if language == "en":
        somebody.say("in English please")
    return_a_dress(somebody.say, lambda _: somebody.show(photo()), order, language)
    assert _finish(platforms, order) == expected
    news = "rembours" if language == "fr" else "refund"
    eventually(lambda: news in somebody.sent[-1].text, "news of the refund")
    assert platforms.meta.refused == []
