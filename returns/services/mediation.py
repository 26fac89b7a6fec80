"""Whom a customer may turn to who disagrees (L616-1), as a mail tells it."""

from typing import Any

from returns.formats import Link
from returns.model import Say
from returns.wiring import House


def params(house: House) -> dict[str, Any]:
    """For a mail's response: the name, and the mediator's facts below."""
    mediator = house.shop.mediator
    facts = [
        [Say("utter_label_mediator"), [mediator.name, mediator.address]],
        [Say("utter_label_mediator_site"), Link(mediator.website)],
    ]
    return {"mediator": mediator.name, "facts": facts}
