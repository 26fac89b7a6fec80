"""A customer of whom every table holds something, and a look for what is left."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from desk.console import accounts, talk
from desk.console.accounts import Role
from desk.tables import conversations
from returns.engines import make_engine
from returns.formats import Day
from returns.model import By, Resolution, ReturnReason
from returns.services import (
    cases,
    finishing,
    history,
    notices,
    refunds,
    tasks,
    uploads,
)
from returns.services.finishing import Given
from returns.tables import (
    adjustment_pictures,
    adjustments,
    evidence,
    identity_codes,
    replacements,
    return_lines,
    returns,
)
from returns.tables import (
    ratings as rating_rows,
)
from returns.unit import writing
from tests.desks import FakeRasa
from tests.houses import TestHouse, tell_all
from tests.orders import new_order
from tests.pictures import photo
from tests.unit.desk_console.talks import begin, say
from tests.unit.returns.test_money import fall_due

EMAIL = "canari-01@example.org"
NUMBER = "CAN-777123"
CANARIES = (
    EMAIL,
    NUMBER,
    "Prénomcanari",
    "Nomcanari",
    "+33612340099",
    "9 rue du Canari",
    "Bâtiment Canari",
    "75998",
    "Canariville",
    "pi_canari_pay",
    "SUP-CANARI-7",
    "TRACK7CANARI",
    "gravure-canari",
    "mot-canari-dit",
    "note-canari",
    "étiquette-canari",
    "détail-canari",
    "commentaire-canari",
    "raison-canari",
    "retenue-canari",
    "mail-canari",
    "évènement-canari",
    "RMA-CANARI-5",
    "adresse-canari-dépôt",
    "remplacement-canari",
)


@dataclass(frozen=True)
class Person:
    talk: str
    return_id: str
    refund_minor: int


def with_rasa(house: TestHouse, folder: Path) -> TestHouse:
    """Rasa's tracker store beside it, with Rasa's own table."""
    url = f"sqlite:///{folder / 'rasa.db'}"
    if house.engine.dialect.name == "postgresql":
        url = house.settings.database_url
    house.settings = replace(house.settings, rasa_database_url=url)
    engine = make_engine(url)
    kind = "INTEGER" if url.startswith("sqlite") else "SERIAL"
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TABLE events (id {kind} PRIMARY KEY, sender_id VARCHAR(255),"
            " type_name VARCHAR(255), timestamp FLOAT, intent_name VARCHAR(255),"
            " action_name VARCHAR(255), data TEXT)"
        )
    engine.dispose()
    return house


def remember_in_rasa(house: TestHouse, conversation_id: str, text: str) -> None:
    engine = make_engine(house.settings.rasa_database_url)
    told = json.dumps({"event": "user", "text": text}, ensure_ascii=False)
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO events (sender_id, data) VALUES (:talk, :told)"),
            {"talk": conversation_id, "told": told},
        )
    engine.dispose()


def person(
    house: TestHouse, rasa: FakeRasa, settled: bool = True, in_rasa: bool = True
) -> Person:
    """A customer, her talk and her return; settled: paid and closed.

    in_rasa: Rasa's table is there (`with_rasa`) and remembers her.
    """
    order = new_order(
        house,
        order_number=NUMBER,
        customer={
            "first_name": "Prénomcanari",
            "last_name": "Nomcanari",
            "email": EMAIL,
            "phone": "+33612340099",
            "is_business": False,
            "address": {
                "name": "Prénomcanari Nomcanari",
                "line1": "9 rue du Canari",
                "line2": "Bâtiment Canari",
                "postcode": "75998",
                "city": "Canariville",
                "country": "FR",
            },
        },
        payment={
            "method": "sandbox",
            "reference": "pi_canari_pay",
            "captured_minor": 6480,
        },
        lines=[
            {
                "line_id": f"{NUMBER}/1",
                "options": {"Gravure": "gravure-canari"},
                "supplier_order_reference": "SUP-CANARI-7",
                "tracking_number": "TRACK7CANARI",
            }
        ],
    )
    talk_id = begin(house)
    picture = uploads.keep(house, talk_id, photo())
    said = f"mot-canari-dit, je suis Prénomcanari, {EMAIL}, {NUMBER}"
    say(house, rasa, talk_id, said, "inform", 0.3, upload_ids=(picture,))
    wish = {
        "reasons": (ReturnReason.DAMAGED_IN_TRANSIT,),
        "resolution": Resolution.REFUND,
    }
    tell_all(house, order, talk_id, **wish)
    (return_id,) = cases.confirm(house, talk_id, "yes").return_ids
    if in_rasa:
        remember_in_rasa(house, talk_id, "évènement-canari")
    amount = 0
    if settled:
        refunds.pay(house, fall_due(house, return_id))
        with house.reader.connect() as connection:
            amount = refunds.of_return(connection, return_id).amount_minor
        for task in tasks.open_tasks(house):
            finishing.finish(house, task, Given(reference="VIR-1", amount="6.90"), "Ag")
    _touch_everything(house, talk_id, return_id, picture)
    return Person(talk_id, return_id, amount)


def _touch_everything(
    house: TestHouse, talk_id: str, return_id: str, picture: str
) -> None:
    agent, _ = accounts.add(house, "Ag", "ag@example.com", Role.AGENT, "t")
    talk.add_note(house, talk_id, "note-canari", agent)
    talk.set_label(house, talk_id, "étiquette-canari", agent, True)
    with writing(house) as unit:
        run, now = unit.connection.execute, unit.now
        mine = returns.c.return_id == return_id
        case = history.get_return(unit.connection, return_id)
        run(
            evidence.insert().values(
                return_id=return_id, upload_id=picture, added_at=now
            )
        )
        run(
            rating_rows.insert().values(
                return_id=return_id, rating=2, comment="commentaire-canari", at=now
            )
        )
        run(
            replacements.insert().values(
                replacement_id=f"new-{return_id}",
                return_id=return_id,
                state="ordered",
                supplier_reference="remplacement-canari",
                created_at=now,
            )
        )
        run(return_lines.update().values(detail="détail-canari"))
        run(
            returns.update()
            .where(mine)
            .values(
                rma_number="RMA-CANARI-5",
                return_address={"line1": "adresse-canari-dépôt"},
                label_url="https://labels.example/RMA-CANARI-5",
            )
        )
        run(
            conversations.update()
            .where(conversations.c.conversation_id == talk_id)
            .values(handoff={"reason": "x", "summary": {"order_number": NUMBER}})
        )
        run(
            identity_codes.insert().values(
                code_id="code-1",
                conversation_id="somebody-else",
                typed=NUMBER,
                order_key="777123",
                language="fr",
                paired=False,
                within_limit=True,
                asked_at=now,
                tries=0,
            )
        )
        run(
            adjustments.insert().values(
                adjustment_id=f"adj-{return_id}",
                return_id=return_id,
                kind="compensation",
                rule="W15",
                line_id=f"{NUMBER}/1",
                unit_no=1,
                amount_minor=100,
                currency="EUR",
                reason="retenue-canari",
                state="paid",
                asked_by="Ag",
                asked_at=now,
                paid_reference="VIR-2",
            )
        )
        run(
            adjustment_pictures.insert().values(
                adjustment_id=f"adj-{return_id}", upload_id=picture, return_id=return_id
            )
        )
        history.record(
            unit, return_id, "staff.declined", By.STAFF, "Ag", reason="raison-canari"
        )
        params = {"return_id": return_id, "reason": "mail-canari", "day": Day(now)}
        notices.by_mail(unit, case, "utter_mail_review_declined", params)
        tasks.open_task(unit, "unhappy_customer", return_id, case, {"said": EMAIL})


def everything_in(house: TestHouse, folder: Path) -> bytes:
    """Every file as bytes; on PostgreSQL also every row of every table."""
    found = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    if house.engine.dialect.name == "postgresql":
        with house.engine.connect() as connection:
            for name in sa.inspect(connection).get_table_names():
                rows = connection.exec_driver_sql(f'SELECT * FROM "{name}"').all()
                found.append(repr([tuple(row) for row in rows]).encode())
    return b"\n".join(found)


def hits(house: TestHouse, folder: Path, canaries: tuple[str, ...]) -> list[str]:
    """Those that are found, also as JSON writes them."""
    heap = everything_in(house, folder)
    escaped = {one: json.dumps(one)[1:-1] for one in canaries}
    return [
        one
        for one in canaries
        if one.encode() in heap
        or escaped[one].encode() in heap
        or escaped[one].replace("\\", "\\\\").encode() in heap
    ]
