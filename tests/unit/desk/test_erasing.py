"""One person's data: all of it goes, all of it is given out, none of it comes back."""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk import inbox, sessions, workflows
from desk.console import audit
from desk.console.tables import audit_log
from desk.privacy import erasing, exporting, places, scope, storage
from returns.errors import NotFound
from returns.importing import import_orders
from returns.sandbox import store
from returns.services import refunds, tasks, uploads
from returns.services.tombstones import Graveyard
from returns.settings import ROOT
from returns.tables import (
    drafts,
    metadata,
    refund_components,
    return_lines,
    returns,
    work,
)
from returns.unit import writing
from returns.work import WorkKind
from tests.databases import KINDS
from tests.desks import FakeRasa
from tests.houses import TestHouse, opened
from tests.orders import make_order, new_order
from tests.unit.desk.persons import (
    CANARIES,
    EMAIL,
    NUMBER,
    hits,
    person,
    remember_in_rasa,
    with_rasa,
)
from tests.unit.desk_console.talks import begin, say


@pytest.fixture(params=KINDS)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield with_rasa(house, tmp_path)


def scope_of(house: TestHouse, **by: str) -> scope.Scope:
    ((kind, value),) = by.items()
    return scope.find(house, kind, value)


def erase(house: TestHouse, rasa: FakeRasa, **by: str) -> erasing.Erased:
    found = scope_of(house, **by)
    return erasing.erase(house, rasa, found, "t@example.com", next(iter(by)))


def count(house: TestHouse, name: str) -> int:
    with house.reader.connect() as connection:
        query = sa.select(sa.func.count()).select_from(metadata.tables[name])
        return int(connection.execute(query).scalar_one())


@pytest.mark.parametrize("by", ["email", "order"])
def test_nothing_of_a_person_is_left(
    home: TestHouse, rasa: FakeRasa, tmp_path: Path, by: str
) -> None:
    """Two dozen canaries, in no file and no table; the photo's file is gone."""
    who = person(home, rasa)
    assert sorted(hits(home, tmp_path, CANARIES)) == sorted(CANARIES)
    done = erase(home, rasa, **{by: EMAIL.upper() if by == "email" else "can 777123"})
    assert hits(home, tmp_path, CANARIES) == []
    assert done.clean and done.blanked == 1 and done.suppliers == ("Nordlys Apparel",)
    assert not list((tmp_path / "uploads").glob("*"))
    assert rasa.forgotten == [who.talk]
    with pytest.raises(NotFound):
        scope_of(home, **{by: EMAIL if by == "email" else NUMBER})


def test_the_books_still_add_up(home: TestHouse, rasa: FakeRasa) -> None:
    """The same amounts, under a subject that no order and no typed number means."""
    who = person(home, rasa)
    erase(home, rasa, email=EMAIL)
    with home.reader.connect() as connection:
        case = connection.execute(sa.select(returns)).one()
        refund = refunds.of_return(connection, who.return_id)
        parts = connection.execute(sa.select(refund_components)).all()
        line = connection.execute(sa.select(return_lines)).one()
    assert refund.amount_minor == who.refund_minor > 0
    assert (refund.state, refund.payment_reference) == ("paid", "")
    assert refund.paid_reference.startswith("BANK-")
    assert sum(part.amount_minor for part in parts) == who.refund_minor
    assert re.fullmatch(r"erased-[a-z]{24}", case.order_number)
    subjects = {p.order_number for p in parts} | {
        refund.order_number,
        line.order_number,
    }
    assert subjects == {case.order_number}
    assert all(NUMBER not in part.component for part in parts)
    assert (line.return_reason, line.detail) == ("damaged_in_transit", None)


def test_others_keep_everything(
    home: TestHouse, rasa: FakeRasa, tmp_path: Path
) -> None:
    """Another customer's talk, who even typed the erased order's number."""
    person(home, rasa)
    other = new_order(home)
    talk = begin(home)
    say(home, rasa, talk, "la commande CAN-999 de quelqu'un d'autre")
    remember_in_rasa(home, talk, "reste-ici")
    erase(home, rasa, email=EMAIL)
    assert hits(home, tmp_path, ("reste-ici", "CAN-999")) == ["reste-ici", "CAN-999"]
    assert scope_of(home, order=other["order_number"]).orders
    assert scope_of(home, conversation=talk).conversations == {talk}


def test_what_is_still_owed_stands_in_the_way(
    home: TestHouse, rasa: FakeRasa, tmp_path: Path
) -> None:
    """An open return, its money, its task: nothing at all is erased before."""
    who = person(home, rasa, settled=False)
    with pytest.raises(erasing.StillOpen) as error:
        erase(home, rasa, email=EMAIL)
    told = str(error.value)
    assert who.return_id in told and "refund" not in told
    assert len(hits(home, tmp_path, CANARIES)) == len(CANARIES)
    assert rasa.forgotten == []
    with home.engine.begin() as connection:
        connection.execute(returns.update().values(status="closed"))
    with writing(home) as unit:
        from returns.services import history

        case = history.get_return(unit.connection, who.return_id)
        tasks.open_task(unit, "pay_postage", who.return_id, case)
    with pytest.raises(erasing.StillOpen, match="pay_postage"):
        erase(home, rasa, email=EMAIL)


def test_an_import_does_not_bring_it_back(home: TestHouse, rasa: FakeRasa) -> None:
    """Neither the order nor an older one of the address; a new purchase is welcome."""
    person(home, rasa)
    again = make_order(home, order_number=NUMBER)
    other = make_order(home)
    other["customer"]["email"] = EMAIL.upper()
    erase(home, rasa, email=EMAIL)
    graves = Graveyard(home.settings)
    lines = [json.dumps(again), json.dumps(other)]
    home.clock.move(hours=1)
    for _ in range(2):
        report = import_orders(home.engine, lines, home.clock.now(), graves.left_out)
        assert (report.imported, report.erased, report.problems) == (0, 2, [])
    later = make_order(home, order_number="NEW-1", placed_days_ago=0)
    later["customer"]["email"] = EMAIL
    later["placed_at"] = home.clock.now().isoformat()
    report = import_orders(
        home.engine, [json.dumps(later)], home.clock.now(), graves.left_out
    )
    assert (report.imported, report.erased) == (1, 0)


def test_a_retry_does_not_bring_it_back(
    home: TestHouse, rasa: FakeRasa, tmp_path: Path
) -> None:
    """Work that was under way, a late turn, the customer's open window."""
    who = person(home, rasa)
    token, live = sessions.open_session(home, "fr")
    inbound = inbox.receive(home, live, inbox.Incoming("m-1", f"moi {EMAIL}"))
    with home.reader.connect() as connection:
        pending = connection.execute(
            sa.select(work.c.kind, work.c.subject_id).where(work.c.state == "pending")
        ).all()
    erase(home, rasa, email=EMAIL)
    handlers = workflows.handlers(home)
    for kind, subject in pending:
        if kind in (WorkKind.DELIVER_NOTICE, WorkKind.ANSWER_MESSAGE):
            handlers[WorkKind(kind)](subject)
    workflows.answer_message(home, rasa, inbound.inbound_id)
    with pytest.raises(sessions.UnknownToken):
        sessions.conversation_of(home, token)
    with pytest.raises(NotFound):
        inbox.receive(home, live, inbox.Incoming("m-1", f"moi {EMAIL}"))
    late = {"conversation_id": who.talk, "email": EMAIL, "order_number": NUMBER}
    with home.engine.begin() as connection:  # an action of a turn that was under way
        connection.execute(
            drafts.insert().values(
                draft_id="late",
                language="fr",
                channel="web",
                state="open",
                facts={},
                revision=1,
                created_at=home.clock.now(),
                updated_at=home.clock.now(),
                **late,
            )
        )
    erasing.forget_conversation(home, rasa, who.talk)
    erasing.forget_conversation(home, rasa, live)
    storage.scrub(home)
    assert hits(home, tmp_path, CANARIES) == []


def test_rasa_is_told_when_it_is_back(home: TestHouse, rasa: FakeRasa) -> None:
    """Its table is emptied at once; its memory by durable work."""
    who = person(home, rasa)
    rasa.down = True
    assert erase(home, rasa, email=EMAIL).clean
    assert storage.events_in_rasa(home, [who.talk]) == []
    assert who.talk in _pending(home)
    rasa.down = False
    erasing.forget_conversation(home, rasa, who.talk)
    assert rasa.forgotten == [who.talk] and who.talk not in _pending(home)


def _pending(house: TestHouse) -> list[str]:
    query = sa.select(work.c.subject_id).where(
        work.c.kind == WorkKind.FORGET_CONVERSATION.value, work.c.state == "pending"
    )
    with house.reader.connect() as connection:
        return list(connection.execute(query).scalars())


def test_one_conversation_can_go_alone(
    home: TestHouse, rasa: FakeRasa, tmp_path: Path
) -> None:
    """Its words go; the order and the amounts stay what they are."""
    who = person(home, rasa)
    erase(home, rasa, conversation=who.talk)
    left = hits(home, tmp_path, CANARIES)
    assert "mot-canari-dit" not in left and "évènement-canari" not in left
    assert "commentaire-canari" not in left and "raison-canari" not in left
    assert {EMAIL, NUMBER, "Nomcanari"} <= set(left)
    assert count(home, "conversations") == 0
    with home.reader.connect() as connection:
        assert connection.execute(sa.select(returns.c.order_number)).scalar() == NUMBER


def test_an_open_claim_keeps_the_suppliers_own_number(
    home: TestHouse, rasa: FakeRasa
) -> None:
    """The merchant may still need it; it names nobody."""
    who = person(home, rasa)
    claim = {"party": "supplier", "amount_minor": 1, "currency": "EUR", "state": "open"}
    with home.engine.begin() as connection:
        connection.execute(returns.update().values(claim=claim))
    with writing(home) as unit:
        from returns.services import history

        case = history.get_return(unit.connection, who.return_id)
        tasks.open_task(unit, "supplier_claim", who.return_id, case, {"n": 1})
    erase(home, rasa, email=EMAIL)
    (task,) = tasks.open_tasks(home)
    assert task.kind == "supplier_claim" and str(task.order_number)[:7] == "erased-"
    with home.reader.connect() as connection:
        number = connection.execute(sa.select(returns.c.rma_number)).scalar()
    assert number == "RMA-CANARI-5"


def test_the_export_holds_everything(home: TestHouse, rasa: FakeRasa) -> None:
    """Each canary of the person, the photo itself, and Rasa's memory."""
    who = person(home, rasa)
    told = exporting.export(home, scope_of(home, email=EMAIL), "t@example.com", "email")
    text = json.dumps(told, ensure_ascii=False)
    for canary in CANARIES:
        assert canary in text, canary
    (picture,) = told["uploads"]
    raw = base64.b64decode(picture["jpeg_base64"])
    assert raw == uploads.content_of(home, picture["upload_id"])
    assert told["rasa_events"][0]["text"] == "évènement-canari"
    assert told["returns"][0]["return_id"] == who.return_id


def test_erasing_and_exporting_are_in_the_log(home: TestHouse, rasa: FakeRasa) -> None:
    """Who, when, how much, and no name."""
    person(home, rasa)
    exporting.export(home, scope_of(home, email=EMAIL), "dpo@example.com", "email")
    erase(home, rasa, email=EMAIL)
    with home.reader.connect() as connection:
        rows = connection.execute(sa.select(audit_log)).all()
    acts = [row.act for row in rows]
    assert acts[-2:] == ["person.exported", "person.erased"]
    assert not any(canary in str(rows) for canary in CANARIES)
    assert audit.verify(home).broken_at is None


def test_no_table_is_forgotten() -> None:
    """Whoever adds a table says whether it holds a customer's data."""
    named = set(places.rows_of(scope.Scope())) | places.IMPERSONAL
    assert named == set(metadata.tables)
    told = (ROOT / "docs" / "privacy.md").read_text("utf-8")
    for name in metadata.tables:
        assert f"`{name}`" in told, name


def test_rasas_table_is_as_we_think() -> None:
    """The columns that we erase by are those of Rasa's own store."""
    source = next((ROOT / ".venv-rasa").glob("lib/*/site-packages/rasa/core"), None)
    if source is None:
        pytest.skip("Rasa's environment is not here")
    text = (source / "tracker_store.py").read_text("utf-8")
    assert '__tablename__ = "events"' in text
    assert "sender_id = sa.Column" in text and "data = sa.Column" in text


def test_the_demos_partners_forget_too(
    home: TestHouse, rasa: FakeRasa, tmp_path: Path
) -> None:
    """Mails, and what suppliers were asked; what is another's stays."""
    who = person(home, rasa)
    engine = store.open_store(tmp_path / "sandbox.db")
    at = home.clock.now()
    with engine.begin() as connection:
        for number, (to, said) in enumerate(
            ((f"Prénomcanari <{EMAIL}>", "mail-canari"), ("b@example.com", "reste"))
        ):
            store.insert(
                connection,
                store.mails,
                message_id=str(number),
                copy_no=1,
                to=to,
                subject=said,
                text=said,
                at=at,
            )
        store.insert(
            connection,
            store.requests,
            supplier="nordlys",
            kind="return",
            reference=who.return_id,
            key="k",
            request={"detail": "détail-canari"},
            state="received",
            created_at=at,
        )
    engine.dispose()
    erase(home, rasa, email=EMAIL)
    assert hits(home, tmp_path, (*CANARIES, "reste")) == ["reste"]


@pytest.mark.usefixtures("home")
def test_nobody_unknown_is_erased(home: TestHouse, rasa: FakeRasa) -> None:
    """A misspelt name is refused, not answered with success."""
    for by in ({"email": "no@example.com"}, {"order": "NO-1"}, {"conversation": "no"}):
        with pytest.raises(NotFound):
            erase(home, rasa, **by)
