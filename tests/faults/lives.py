"""What is killed in test_commits.py: each life is prepared, killed, lived on, checked.

A life yields its job, is killed in it, and goes on as the next attempt would.
"""

import json
from collections.abc import Callable, Generator
from dataclasses import dataclass
from dataclasses import replace as replaced
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from desk import inbox, sessions, withdrawals
from desk.tables import inbound_messages, messages, supplier_events
from returns.importing import import_orders
from returns.model import By, ReturnReason
from returns.sandbox.client import SandboxClient
from returns.services import authorisations, cases, evidence, refunds, replacements
from returns.services import uploads as pictures
from returns.services.statements import Statement
from returns.tables import grants, notices, order_lines, orders, returns, tasks, work
from returns.work import WorkKind, work_id_of
from tests.faults import mortal
from tests.houses import TestHouse, heard
from tests.orders import make_order, new_order
from tests.pictures import TAKEN
from tests.unit.returns.test_money import REFUND, REPLACEMENT, wish

ATTEMPTS = 3
TORN = (ReturnReason.DAMAGED_IN_TRANSIT,)


@dataclass
class Job:
    name: str
    arguments: tuple[Any, ...]


@dataclass
class Scene:
    """One house and the partners' own books."""

    house: TestHouse
    place: mortal.Place
    books: SandboxClient

    def now(self) -> mortal.Place:
        """The place, by the house's clock of this moment."""
        return replaced(self.place, now=self.house.clock.now())

    def talk(self) -> str:
        return sessions.open_session(self.house, "fr")[1]

    def finish(self, kind: WorkKind, subject_id: str) -> None:
        """As the sweep would: attempt after attempt until none is wanted."""
        for _attempt in range(ATTEMPTS):
            if self.state(kind, subject_id) == "pending":
                mortal.do_work(self.house, kind.value, subject_id)
        assert self.state(kind, subject_id) == "done"

    def state(self, kind: WorkKind, subject_id: str) -> str:
        mine = work.c.work_id == work_id_of(kind, subject_id)
        return str(self.one(sa.select(work.c.state).where(mine)))

    def one(self, query: sa.Select[Any]) -> Any:
        with self.house.reader.connect() as connection:
            return connection.execute(query).scalar_one()

    def count(self, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        query = sa.select(sa.func.count()).select_from(table).where(*where)
        return int(self.one(query))


Life = Callable[[Scene], Generator[Job]]


def receive(scene: Scene) -> Generator[Job]:
    """A message is kept once, with its work, however often it is sent."""
    talk, message_id = scene.talk(), str(uuid4())
    yield Job("receive", (talk, message_id, "bonjour"))
    incoming = inbox.Incoming(message_id, "bonjour")
    kept = inbox.receive(scene.house, talk, incoming)
    here = inbound_messages.c.conversation_id == talk
    assert scene.count(inbound_messages, here) == 1
    said = (messages.c.conversation_id == talk, messages.c.author == "customer")
    assert scene.count(messages, *said) == 1
    assert scene.state(WorkKind.ANSWER_MESSAGE, kept.inbound_id) == "pending"


def answer(scene: Scene) -> Generator[Job]:
    """A turn is answered once, and not before its dead owner's claim is over."""
    talk = scene.talk()
    incoming = inbox.Incoming(str(uuid4()), "bonjour")
    inbound_id = inbox.receive(scene.house, talk, incoming).inbound_id
    yield Job("answer", (inbound_id,))
    scene.house.clock.move(seconds=16)
    mortal.do_answer(scene.house, inbound_id)
    mine = messages.c.inbound_id == inbound_id
    assert scene.count(messages, mine, messages.c.author == "bot") == 1
    assert scene.state(WorkKind.ANSWER_MESSAGE, inbound_id) == "done"


def prove(scene: Scene) -> Generator[Job]:
    """One draft and one grant, and the recap at the end."""
    talk, order = scene.talk(), new_order(scene.house)
    proof = {"order_number": order["order_number"]}
    email = {"email": order["customer"]["email"]}
    wished = {"reasons": TORN, "resolution": REFUND}
    told = [
        heard("m1", conversation_id=talk, **wished),
        heard("m2", "inform", talk, **proof, **email),
    ]
    yield Job("prove", (told, talk))
    mortal.do_prove(scene.house, told, talk)
    assert scene.count(grants, grants.c.conversation_id == talk) == 1


def confirm(scene: Scene) -> Generator[Job]:
    """One yes, one return."""
    talk, order = scene.talk(), new_order(scene.house)
    wish(scene.house, order, talk, reasons=TORN)
    yield Job("confirm", (talk, "yes"))
    opened = cases.confirm(scene.house, talk, "yes")
    assert len(opened.return_ids) == 1
    assert scene.count(returns, returns.c.conversation_id == talk) == 1


def _opened(scene: Scene, **wished: Any) -> tuple[str, str, dict[str, Any]]:
    """conversation, return and order after the yes."""
    talk, order = scene.talk(), new_order(scene.house)
    wish(scene.house, order, talk, **{"reasons": TORN, **wished})
    (return_id,) = cases.confirm(scene.house, talk, "yes").return_ids
    return talk, return_id, order


def authorise(scene: Scene) -> Generator[Job]:
    """The supplier's book has the return once."""
    _talk, return_id, _order = _opened(scene)
    yield Job("work", (WorkKind.AUTHORISE_RETURN.value, return_id))
    scene.finish(WorkKind.AUTHORISE_RETURN, return_id)
    asked = [r for r in scene.books.returns() if r["reference"] == return_id]
    assert len(asked) == 1


def _authorised(scene: Scene, **wished: Any) -> tuple[str, str, dict[str, Any]]:
    talk, return_id, order = _opened(scene, **wished)
    authorisations.authorise(scene.house, return_id)
    return talk, return_id, order


def goods(scene: Scene) -> Generator[Job]:
    """The goods arrive once: one refund falls due."""
    _talk, return_id, _order = _authorised(scene)
    (asked,) = [r for r in scene.books.returns() if r["reference"] == return_id]
    scene.books.receive(asked["rma_number"])
    event = {"event_id": str(uuid4()), "type": "return.received"}
    mortal.do_hook(scene.house, "nordlys", {**event, "reference": return_id})
    yield Job("work", (WorkKind.CONFIRM_RECEIPT.value, return_id))
    scene.finish(WorkKind.CONFIRM_RECEIPT, return_id)
    assert scene.state(WorkKind.PAY_REFUND, _refund(scene, return_id)) == "pending"


def hook(scene: Scene) -> Generator[Job]:
    """A webhook sent again is one event and one piece of work."""
    _talk, return_id, _order = _authorised(scene)
    event_id = str(uuid4())
    event = {"event_id": event_id, "type": "return.received", "reference": return_id}
    yield Job("hook", ("nordlys", event))
    mortal.do_hook(scene.house, "nordlys", event)
    kept = supplier_events.c.event_id == f"{event_id}/nordlys"
    assert scene.count(supplier_events, kept) == 1
    assert scene.state(WorkKind.CONFIRM_RECEIPT, return_id) == "pending"


def _refund(scene: Scene, return_id: str) -> str:
    with scene.house.reader.connect() as connection:
        row = refunds.of_return(connection, return_id)
    assert row is not None
    return str(row.refund_id)


def pay(scene: Scene) -> Generator[Job]:
    """The bank's book has the payment once, under the key of the first call."""
    scene.house.clock.move(seconds=60)  # hundreds in one hour pass shop.yml's limit
    _talk, return_id, order = _authorised(scene)
    authorisations.receive_goods(scene.house, return_id, By.SUPPLIER)
    refund_id = _refund(scene, return_id)
    key = _key(scene, return_id)
    yield Job("work", (WorkKind.PAY_REFUND.value, refund_id))
    scene.finish(WorkKind.PAY_REFUND, refund_id)
    paid = order["payment"]["reference"]
    book = [r for r in scene.books.book() if r["payment_reference"] == paid]
    assert [(r["key"], r["amount_minor"]) for r in book] == [(key, 6480)]
    assert _key(scene, return_id) == key


def _key(scene: Scene, return_id: str) -> str:
    with scene.house.reader.connect() as connection:
        row = refunds.of_return(connection, return_id)
    return str(row.payment_key) if row is not None else ""


def replace(scene: Scene) -> Generator[Job]:
    """The supplier sends one replacement."""
    _talk, return_id, order = _authorised(scene, resolution=REPLACEMENT)
    with scene.house.reader.connect() as connection:
        row = replacements.of_return(connection, return_id)
    assert row is not None
    yield Job("work", (WorkKind.ORDER_REPLACEMENT.value, row.replacement_id))
    scene.finish(WorkKind.ORDER_REPLACEMENT, row.replacement_id)
    theirs = order["lines"][0]["supplier_order_reference"]
    sent = [r["request"] for r in scene.books.replacements()]
    assert [r["supplier_order_reference"] for r in sent].count(theirs) == 1


def show(scene: Scene) -> Generator[Job]:
    """The supplier has the picture once."""
    talk, return_id, _order = _authorised(scene)
    upload_id = pictures.keep(scene.house, talk, TAKEN["JPEG"])
    evidence.add_later(scene.house, talk, [upload_id])
    subject = f"{return_id}:{upload_id}"
    yield Job("work", (WorkKind.SEND_EVIDENCE.value, subject))
    scene.finish(WorkKind.SEND_EVIDENCE, subject)
    (asked,) = [r for r in scene.books.returns() if r["reference"] == return_id]
    assert asked["pictures"] == 1


def _notice(scene: Scene, return_id: str, medium: str) -> str:
    mine = (notices.c.return_id == return_id, notices.c.medium == medium)
    query = sa.select(sa.func.min(notices.c.notice_id)).where(*mine)
    return str(scene.one(query))


def news(scene: Scene) -> Generator[Job]:
    """A word in the chat is there once."""
    _talk, return_id, _order = _authorised(scene)
    notice_id = _notice(scene, return_id, "chat")
    yield Job("work", (WorkKind.DELIVER_NOTICE.value, notice_id))
    scene.finish(WorkKind.DELIVER_NOTICE, notice_id)
    assert scene.count(messages, messages.c.notice_id == notice_id) == 1


def mail(scene: Scene) -> Generator[Job]:
    """A mail comes; twice only when killed after the server took it, under one id."""
    _talk, return_id, _order = _authorised(scene)
    notice_id = _notice(scene, return_id, "mail")
    yield Job("work", (WorkKind.DELIVER_NOTICE.value, notice_id))
    scene.finish(WorkKind.DELIVER_NOTICE, notice_id)
    came = [m for m in scene.books.mails() if m["message_id"] == notice_id]
    assert 1 <= len(came) <= 2, came


def withdraw(scene: Scene) -> Generator[Job]:
    """A stated withdrawal opens one return."""
    order = new_order(scene.house)
    number, email = order["order_number"], order["customer"]["email"]
    told = Statement("Alex Martin", number, email, "", "fr")
    pace = withdrawals.pace_of(scene.house)
    withdrawals.record(scene.house, str(uuid4()), told, pace, "192.0.2.0/24")
    talk = scene.house.queue.subjects(WorkKind.SETTLE_WITHDRAWAL)[-1]
    yield Job("work", (WorkKind.SETTLE_WITHDRAWAL.value, talk))
    scene.finish(WorkKind.SETTLE_WITHDRAWAL, talk)
    assert scene.count(returns, returns.c.order_number == number) == 1


def give_up(scene: Scene) -> Generator[Job]:
    """One task for a person, in the commit that gives the work up."""
    _talk, return_id, _order = _opened(scene)
    kind = WorkKind.AUTHORISE_RETURN.value
    yield Job("give_up", (kind, return_id))
    if scene.state(WorkKind.AUTHORISE_RETURN, return_id) == "pending":
        mortal.do_give_up(scene.house, kind, return_id)
    assert scene.state(WorkKind.AUTHORISE_RETURN, return_id) == "given_up"
    mine = (tasks.c.return_id == return_id, tasks.c.kind == "supplier_address")
    assert scene.count(tasks, *mine) == 1


def take_in(scene: Scene) -> Generator[Job]:
    """An import that was cut off is taken in again: each order once, whole."""
    bought = [make_order(scene.house) for _ in range(4)]
    lines = [json.dumps(order) for order in bought]
    yield Job("import", (lines, 2))
    report = import_orders(scene.house.engine, lines, scene.house.clock.now())
    assert not report.problems
    numbers = [order["order_number"] for order in bought]
    assert scene.count(orders, orders.c.order_number.in_(numbers)) == 4
    assert scene.count(order_lines, order_lines.c.order_number.in_(numbers)) == 4


# Each with the failpoints that lie in it.
LIVES: dict[Life, tuple[str, ...]] = {
    receive: ("inbox.before_commit", "inbox.after_commit"),
    answer: ("turn.claimed", "turn.before_commit", "turn.after_commit"),
    prove: (),
    confirm: ("confirm.before_commit", "confirm.after_commit"),
    authorise: (
        "authorise.before_call",
        "authorise.after_call",
        "authorise.before_commit",
        "authorise.after_commit",
    ),
    goods: ("goods.before_commit", "goods.after_commit"),
    hook: ("hook.before_commit", "hook.after_commit"),
    pay: (
        "refund.taken",
        "refund.before_call",
        "refund.after_call",
        "refund.before_commit",
        "refund.settled",
    ),
    replace: (
        "replacement.before_call",
        "replacement.after_call",
        "replacement.before_commit",
    ),
    show: ("evidence.before_call", "evidence.after_call"),
    news: ("notice.before_commit", "notice.after_commit"),
    mail: ("notice.after_send", "notice.before_commit", "notice.after_commit"),
    withdraw: ("withdrawal.before_confirm", "withdrawal.after_confirm"),
    give_up: (),
    take_in: ("import.before_commit", "import.after_commit"),
}
# How often each commits, at least: a number that shrinks is a commit not looked at.
COMMITS: dict[Life, int] = {
    receive: 1,
    answer: 2,
    prove: 4,
    confirm: 1,
    authorise: 1,
    goods: 2,
    hook: 1,
    pay: 2,
    replace: 2,
    show: 1,
    news: 1,
    mail: 1,
    withdraw: 4,
    give_up: 1,
    take_in: 2,
}
assert LIVES.keys() == COMMITS.keys()
