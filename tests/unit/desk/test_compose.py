"""Every mail that domain.yml words becomes a mail: addressed, framed, nothing open."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.wording import GAP
from desk import mails
from desk.texts import responses
from tests.houses import TestHouse
from tests.orders import new_order
from tests.unit.returns.test_money import open_one

SUBJECTS = [n for n in responses() if n.startswith("utter_mail_") and "_subject" in n]
NAMES = sorted(name.removesuffix("_subject") for name in SUBJECTS)


def gaps(response: str) -> dict[str, str]:
    """A word for each gap of the mail."""
    texts = [
        str(variation["text"])
        for part in ("subject", "body")
        for variation in responses()[f"{response}_{part}"]
    ]
    return {gap: f"‹{gap}›" for text in texts for gap in GAP.findall(text)}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("response", NAMES)
def test_every_mail_is_composed(house: TestHouse, response: str, language: str) -> None:
    """Greeted by name, signed, filled, under the notice's id."""
    return_id = open_one(house, new_order(house))
    params = gaps(response)
    notice = SimpleNamespace(
        notice_id="n-1",
        return_id=return_id,
        response=response,
        params=params,
        language=language,
        recipient="alex@example.com",
    )
    mail = mails.compose(house, cast(Any, notice))
    assert (mail.message_id, mail.to) == ("n-1", "alex@example.com")
    assert mail.subject and "\n" not in mail.subject
    assert "Alex" in mail.text
    assert house.shop.signed(language) in mail.text
    assert "{" not in mail.text + mail.subject
    for filled in params.values():
        assert filled in mail.text + mail.subject


def test_there_are_mails() -> None:
    """The names above are read from domain.yml; none would test nothing."""
    assert "utter_mail_return_opened" in NAMES
