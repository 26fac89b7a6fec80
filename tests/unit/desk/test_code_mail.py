"""The mail with a code, and what is left of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk import transcript, workflows
from returns.gateways.mail import Mail, SmtpMailer
from returns.model import Proof
from returns.services import codes, drafts
from returns.tables import notices
from returns.unit import writing
from returns.work import WorkKind
from tests.houses import FakeGateways, TestHouse, ask, heard, opened
from tests.orders import new_order


class Mailbox(SmtpMailer):
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []

    def send(self, mail: Mail) -> None:
        self.mails.append(mail)


class GatewaysWithMail(FakeGateways):
    def __init__(self) -> None:
        super().__init__()
        self.mailbox = Mailbox()

    def mailer(self) -> Mailbox:
        return self.mailbox


@pytest.fixture
def house(tmp_path: Path) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        yield house


def test_a_delivered_code_is_forgotten(house: TestHouse) -> None:
    """The mail has the code and no name; afterwards the notice has neither."""
    house.gateways = gateways = GatewaysWithMail()
    order = new_order(house)
    with writing(house) as unit:
        talk = transcript.start(unit, "web", "somebody", "fr")
    told = {"order_number": order["order_number"], "proof": Proof.CODE}
    drafts.hear(house, heard("m1", conversation_id=talk, **told))
    assert ask(house, talk).expects == "code"
    (code_id,) = house.queue.subjects(WorkKind.SEND_CODE)
    codes.send(house, code_id)
    (notice_id,) = house.queue.subjects(WorkKind.DELIVER_NOTICE)
    assert len(params(house)["code"]) == codes.DIGITS
    code = params(house)["code"]
    workflows.deliver_notice(house, notice_id)
    (mail,) = gateways.mailbox.mails
    assert mail.to == order["customer"]["email"]
    assert code in mail.text and order["customer"]["first_name"] not in mail.text
    assert params(house) == {}


def params(house: TestHouse) -> dict[str, str]:
    with house.reader.connect() as connection:
        found: dict[str, str] = connection.execute(
            sa.select(notices.c.params)
        ).scalar_one()
    return found
