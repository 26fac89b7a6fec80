import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Engine

from returns.engines import make_engine
from returns.errors import ImportRefused
from returns.importing import ImportReport, import_orders, import_products, read_lines
from returns.importing.models import OrderIn, ProductIn
from returns.importing.schemas import FOLDER, schema_texts
from returns.settings import ROOT
from returns.tables import (
    drafts,
    held_units,
    metadata,
    order_lines,
    orders,
    products,
    refund_components,
    refunds,
    return_lines,
    returns,
)
from tests.databases import KINDS, throwaway

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)

type Json = dict[str, Any]


@pytest.fixture(params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    with throwaway(request.param, tmp_path) as url:
        engine = make_engine(url)
        metadata.create_all(engine)
        yield engine
        engine.dispose()


def line(line_id: str = "L1", **facts: Any) -> Json:
    return {
        "line_id": line_id,
        "sku": "SKU-1",
        "product_id": "P-1",
        "title": "Verre Soufflé",
        "options": {"Couleur": "ambre"},
        "quantity": 3,
        "paid_minor": 4000,
        "supplier": "Maison Lumen",
        **facts,
    }


def order(number: str = "FR-1", **facts: Any) -> Json:
    return {
        "order_number": number,
        "placed_at": "2026-11-01T10:00:00Z",
        "delivered_at": "2026-11-10T11:00:00+01:00",
        "status": "paid",
        "language": "fr",
        "currency": "EUR",
        "customer": {
            "first_name": "Camille",
            "last_name": "Durand",
            "email": " Camille.Durand@Example.com",
            "is_business": False,
            "address": {
                "name": "Camille Durand",
                "line1": "14, rue de la Roquette",
                "postcode": "75011",
                "city": "Paris",
                "country": "FR",
            },
        },
        "payment": {"method": "sandbox", "reference": "pay_1", "captured_minor": 4490},
        "shipping": {"paid_minor": 490, "standard_minor": 490},
        "lines": [line()],
        **facts,
    }


def load(engine: Engine, *given: Json, now: datetime = NOW) -> ImportReport:
    return import_orders(engine, map(json.dumps, given), now)


def rows(engine: Engine, table: sa.Table) -> list[Json]:
    with engine.connect() as connection:
        found = connection.execute(sa.select(table)).all()
    return [dict(row._mapping) for row in found]


def ledger(engine: Engine) -> dict[str, int]:
    found = rows(engine, refund_components)
    return {row["component"]: row["amount_minor"] for row in found}


def insert(engine: Engine, table: sa.Table, **values: Any) -> None:
    with engine.begin() as connection:
        connection.execute(sa.insert(table).values(**values))


def open_return(engine: Engine, line_id: str = "L1", unit_no: int = 1) -> None:
    """A return that holds one unit of a line of FR-1."""
    talk_about(engine, "confirmed")
    insert(
        engine,
        returns,
        return_id="RET-1",
        draft_id="D1",
        conversation_id="C1",
        channel="widget",
        language="fr",
        order_number="FR-1",
        supplier="Maison Lumen",
        status="authorised",
        outcome="allow",
        return_payer="customer",
        rules=[],
        created_at=NOW,
        updated_at=NOW,
    )
    insert(
        engine,
        return_lines,
        return_id="RET-1",
        line_id=line_id,
        order_number="FR-1",
        sku="SKU-1",
        quantity=1,
        other_reasons=[],
        justified=False,
        liable="customer",
        recourse="none",
        disposition="return",
        refund_minor=1334,
        rules=[],
    )
    insert(
        engine,
        held_units,
        order_number="FR-1",
        line_id=line_id,
        unit_no=unit_no,
        return_id="RET-1",
    )


def talk_about(engine: Engine, state: str = "open") -> None:
    insert(
        engine,
        drafts,
        draft_id="D1",
        conversation_id="C1",
        language="fr",
        channel="widget",
        state=state,
        order_number="FR-1",
        facts={},
        revision=1,
        created_at=NOW,
        updated_at=NOW,
    )


def our_refund(engine: Engine, state: str, *components: tuple[str, int]) -> None:
    insert(
        engine,
        refunds,
        refund_id="RF-1",
        return_id="RET-1",
        order_number="FR-1",
        amount_minor=sum(amount for _, amount in components),
        currency="EUR",
        method="sandbox",
        payment_reference="pay_1",
        payment_key="key-1",
        state=state,
        created_at=NOW,
    )
    for component, amount in components:
        insert(
            engine,
            refund_components,
            order_number="FR-1",
            component=component,
            refund_id="RF-1",
            amount_minor=amount,
        )


def test_an_order_is_stored_with_its_facts(engine: Engine) -> None:
    """Every fact of the file is in the database, keys folded and moments in UTC."""
    report = load(engine, order())
    assert report == ImportReport(imported=1)
    (stored,) = rows(engine, orders)
    assert stored["order_key"] == "fr1"
    assert stored["order_digits"] == "1"
    assert stored["email_key"] == "camille.durand@example.com"
    assert stored["delivered_at"] == datetime(2026, 11, 10, 10, tzinfo=UTC)
    assert stored["withdrawal_informed"] is None
    assert stored["customer"]["address"]["postcode"] == "75011"
    assert stored["captured_minor"] == 4490
    (stored_line,) = rows(engine, order_lines)
    assert stored_line["paid_minor"] == 4000
    assert stored_line["options"] == {"Couleur": "ambre"}
    assert stored_line["personalised"] is False
    assert ledger(engine) == {}


def test_the_same_file_twice_changes_nothing(engine: Engine) -> None:
    """No row is touched by a second import, not even its time of change."""
    refunded = [{"line_id": "L1", "quantity": 1, "amount_minor": 1334}]
    given = [order(refunded=refunded), order("FR-2")]
    load(engine, *given)
    before = [rows(engine, t) for t in (orders, order_lines, refund_components)]
    assert load(engine, *given, now=LATER) == ImportReport(unchanged=2)
    after = [rows(engine, t) for t in (orders, order_lines, refund_components)]
    assert after == before


def test_a_newer_file_updates_facts(engine: Engine) -> None:
    """Delivery, a changed line, a new line and a line that is gone all arrive."""
    load(engine, order(delivered_at=None, lines=[line(), line("L2"), line("L3")]))
    newer = order(lines=[line(title="Verre"), line("L3"), line("L4")])
    assert load(engine, newer, now=LATER) == ImportReport(changed=1)
    (stored,) = rows(engine, orders)
    assert stored["delivered_at"] == datetime(2026, 11, 10, 10, tzinfo=UTC)
    assert stored["updated_at"] == LATER
    titles = {row["line_id"]: row["title"] for row in rows(engine, order_lines)}
    assert titles == {"L1": "Verre", "L3": "Verre Soufflé", "L4": "Verre Soufflé"}


def test_only_a_changed_line_counts_as_a_change(engine: Engine) -> None:
    """A change in a line alone marks the order as changed."""
    load(engine, order(), order("FR-2"))
    newer = order(lines=[line(tracking_number="6A12345678901")])
    report = load(engine, newer, order("FR-2"), now=LATER)
    assert report == ImportReport(changed=1, unchanged=1)


def test_the_last_word_about_an_order_in_a_file_counts(engine: Engine) -> None:
    """An order that appears twice is imported, then updated."""
    report = load(engine, order(language="en"), order(language="fr"))
    assert report == ImportReport(imported=1, changed=1)
    assert rows(engine, orders)[0]["language"] == "fr"


@pytest.mark.parametrize("use", [open_return, talk_about])
def test_a_line_that_a_case_uses_is_never_removed(
    engine: Engine, use: Callable[[Engine], None]
) -> None:
    """A line in a return, or of an order being talked about, stays and is reported."""
    load(engine, order(lines=[line(), line("L2")]))
    use(engine)
    report = load(engine, order(lines=[line("L2", title="New")]), now=LATER)
    assert report.changed == 1
    assert report.problems == [
        (1, "order FR-1: line L1 stays, because a return uses it")
    ]
    assert {row["line_id"] for row in rows(engine, order_lines)} == {"L1", "L2"}


def test_a_line_in_a_return_keeps_quantity_and_price(engine: Engine) -> None:
    """A newer file cannot shrink what a return was promised on."""
    load(engine, order())
    open_return(engine)
    report = load(engine, order(lines=[line(quantity=1, paid_minor=1, title="New")]))
    assert "keeps its quantity and price" in report.problems[0][1]
    (stored,) = rows(engine, order_lines)
    assert (stored["quantity"], stored["paid_minor"]) == (3, 4000)
    assert stored["title"] == "New"


def test_a_line_in_a_return_never_becomes_other_goods(engine: Engine) -> None:
    """Where a line was taken out of an order, the next one may get its line_id."""
    load(engine, order())
    open_return(engine)
    report = load(engine, order(lines=[line(sku="SKU-9", title="Vase", quantity=9)]))
    messages = [message for _, message in report.problems]
    assert messages == ["order FR-1: line L1 stays what it was: a return uses it"]
    kept = {row["line_id"]: row for row in rows(engine, order_lines)}["L1"]
    assert (kept["sku"], kept["title"], kept["quantity"]) == (
        "SKU-1",
        "Verre Soufflé",
        3,
    )


def test_bad_lines_are_reported_and_the_rest_goes_in(engine: Engine) -> None:
    """Each bad line is named by number with what is wrong; good ones are stored."""
    bad = order("FR-3", lines=[line(quantity=0)])
    file = [
        json.dumps(order("FR-1")),
        "{not json",
        "",
        json.dumps(bad),
        json.dumps({**order("FR-4"), "deliverd_at": None}),
        json.dumps(order("FR-5")),
    ]
    report = import_orders(engine, file, NOW)
    assert report.imported == 2
    assert [number for number, _ in report.problems] == [2, 4, 5]
    messages = [message for _, message in report.problems]
    assert messages[0].startswith("Invalid JSON")
    assert messages[1] == "lines.0.quantity: expected 1 or more, found 0"
    assert messages[2] == "deliverd_at: unknown key; did you mean delivered_at?"
    assert {row["order_number"] for row in rows(engine, orders)} == {"FR-1", "FR-5"}


@pytest.mark.parametrize(
    ("facts", "problem"),
    [
        ({"placed_at": "2026-11-01T10:00:00"}, "a moment with its time zone"),
        ({"placed_at": "yesterday"}, "a moment such as 2026-01-31T09:30:00Z"),
        ({"status": "sent"}, "paid, partly_refunded, refunded or cancelled"),
        ({"currency": "euro"}, "currency: expected text of the form"),
        ({"order_number": "---"}, "order_number: expected letters a-z or digits"),
        ({"lines": []}, "lines: expected at least one entry"),
        ({"lines": [line(), line()]}, "line_id 'L1' is used twice"),
        ({"lines": [line(paid_minor="12")]}, "lines.0.paid_minor: expected a whole"),
        ({"lines": [line(paid_minor=2**31)]}, "lines.0.paid_minor: expected"),
        ({"lines": [line(title="a\0b")]}, "NUL"),
        (
            {"refunded": [{"line_id": "L9", "amount_minor": 1}]},
            "the order has no line 'L9'",
        ),
        (
            {"refunded": [{"line_id": "L1", "quantity": 4, "amount_minor": 1}]},
            "more units than line 'L1' has",
        ),
        ({"refunded": [{"amount_minor": 4491}]}, "more money than"),
        ({"refunded": [{"quantity": 1, "amount_minor": 1}]}, "needs its line_id"),
    ],
)
def test_a_wrong_fact_is_refused_with_its_key(
    facts: Json, problem: str, tmp_path: Path
) -> None:
    """The owner is told which key is wrong and what it should hold."""
    engine = make_engine(f"sqlite:///{tmp_path / 'orders.db'}")
    metadata.create_all(engine)
    report = load(engine, order(**facts))
    ((line_no, message),) = report.problems
    assert (report.imported, line_no) == (0, 1)
    assert problem in message
    engine.dispose()


def test_refunded_units_enter_the_ledger(engine: Engine) -> None:
    """Whole units are spread by largest remainder, the rest is a prior payment."""
    load(
        engine,
        order(
            refunded=[
                {"line_id": "L1", "quantity": 2, "amount_minor": 2667},
                {"amount_minor": 490},
            ]
        ),
    )
    assert ledger(engine) == {"unit/L1/1": 1334, "unit/L1/2": 1333, "prior/1": 490}
    assert all(row["refund_id"] is None for row in rows(engine, refund_components))


def test_a_whole_line_refunded_without_a_quantity_counts_as_units(
    engine: Engine,
) -> None:
    """The full price of a line is all its units; a part of it is a prior payment."""
    load(engine, order(refunded=[{"line_id": "L1", "amount_minor": 4000}]))
    assert set(ledger(engine)) == {"unit/L1/1", "unit/L1/2", "unit/L1/3"}
    part = {"line_id": "L1", "amount_minor": 300}
    load(engine, order("FR-2", refunded=[part]))
    assert ledger(engine)["prior/1"] == 300


def test_later_refunds_are_added_to_the_ledger(engine: Engine) -> None:
    """A newer file adds what is new and leaves what the ledger had."""
    load(
        engine, order(refunded=[{"line_id": "L1", "quantity": 1, "amount_minor": 1334}])
    )
    newer = [
        {"line_id": "L1", "quantity": 1, "amount_minor": 1334},
        {"line_id": "L1", "quantity": 1, "amount_minor": 1333},
        {"amount_minor": 100},
    ]
    assert load(engine, order(refunded=newer)).changed == 1
    assert ledger(engine) == {"unit/L1/1": 1334, "unit/L1/2": 1333, "prior/1": 100}
    load(engine, order(refunded=[*newer, {"amount_minor": 50}]))
    assert ledger(engine)["prior/2"] == 50


def test_a_newer_file_never_lowers_the_ledger(engine: Engine) -> None:
    """Refunds that a file no longer tells stay in the ledger and with the order."""
    refunded = [{"line_id": "L1", "quantity": 3, "amount_minor": 4000}]
    load(engine, order(refunded=refunded))
    before = ledger(engine)
    payment = {"method": "sandbox", "reference": "pay_1", "captured_minor": 10}
    report = load(engine, order(payment=payment), now=LATER)
    assert ledger(engine) == before
    (stored,) = rows(engine, orders)
    assert stored["captured_minor"] == 4490
    assert stored["refunded"] == refunded
    assert len(report.problems) == 2


def test_our_own_refund_in_a_newer_file_is_not_counted_again(engine: Engine) -> None:
    """What we paid ourselves comes back in the shop's export and adds nothing."""
    load(engine, order())
    open_return(engine)
    our_refund(engine, "paid", ("unit/L1/1", 1334), ("delivery", 490))
    before = ledger(engine)
    told = [
        {"line_id": "L1", "quantity": 1, "amount_minor": 1334},
        {"amount_minor": 490},
    ]
    report = load(engine, order(refunded=told))
    assert ledger(engine) == before
    assert report.problems == []
    load(engine, order("FR-1", refunded=[{"amount_minor": 1824}]))
    assert ledger(engine) == before


def test_a_refund_elsewhere_while_ours_is_due_is_reported(engine: Engine) -> None:
    """Nobody is paid twice in silence: a person is told which line it is."""
    load(engine, order())
    open_return(engine)
    our_refund(engine, "due", ("unit/L1/1", 1334))
    told = [{"line_id": "L1", "quantity": 1, "amount_minor": 1334}]
    report = load(engine, order(refunded=told))
    assert ledger(engine) == {"unit/L1/1": 1334}
    ((_, message),) = report.problems
    assert "line L1 was refunded elsewhere while a return of it is open" in message


def test_a_held_unit_is_the_first_to_be_taken(engine: Engine) -> None:
    """A unit in an open return that was refunded elsewhere cannot be paid again."""
    load(engine, order())
    open_return(engine, unit_no=2)
    told = [{"line_id": "L1", "quantity": 1, "amount_minor": 1334}]
    report = load(engine, order(refunded=told))
    assert ledger(engine) == {"unit/L1/2": 1334}
    assert len(report.problems) == 1


def test_the_ledger_never_exceeds_what_was_captured(engine: Engine) -> None:
    """What was refunded elsewhere and here together is capped at the capture."""
    load(engine, order())
    open_return(engine)
    our_refund(engine, "due", ("unit/L1/1", 1334))
    load(engine, order(refunded=[{"amount_minor": 4490}]))
    assert sum(ledger(engine).values()) == 4490


def test_many_chunks_are_one_import(engine: Engine) -> None:
    """More orders than one transaction holds are all stored and all found again."""
    given = [order(f"FR-{number}") for number in range(1201)]
    assert load(engine, *given).imported == 1201
    assert load(engine, *given).unchanged == 1201


def product(**facts: Any) -> Json:
    variant = {
        "sku": "SKU-1",
        "options": {"Couleur": "ambre"},
        "price_minor": 1490,
        "available": True,
    }
    return {
        "product_id": "P-1",
        "title": "Verre Soufflé",
        "supplier": "Maison Lumen",
        "variants": [variant],
        **facts,
    }


def test_products_are_inserted_updated_and_left_alone(engine: Engine) -> None:
    """The same file twice changes nothing; a newer one updates."""
    lines = [json.dumps(product()), json.dumps(product(product_id="P-2"))]
    assert import_products(engine, lines, NOW) == ImportReport(imported=2)
    assert import_products(engine, lines, LATER) == ImportReport(unchanged=2)
    newer = [json.dumps(product(description="Soufflé à la bouche")), "{}"]
    report = import_products(engine, newer, LATER)
    assert (report.changed, report.problems[0][0]) == (1, 2)
    stored = {row["product_id"]: row for row in rows(engine, products)}
    assert stored["P-1"]["description"] == "Soufflé à la bouche"
    assert stored["P-1"]["updated_at"] == LATER
    assert stored["P-2"]["updated_at"] == NOW


def test_an_array_is_refused_as_a_whole(tmp_path: Path) -> None:
    """A JSON array is not JSON Lines; the owner is told so once, not per line."""
    engine = make_engine(f"sqlite:///{tmp_path / 'orders.db'}")
    metadata.create_all(engine)
    with pytest.raises(ImportRefused, match="one JSON object on each line"):
        import_orders(engine, ["[", "{}", "]"], NOW)
    engine.dispose()


def test_a_file_is_read_as_shops_write_it(tmp_path: Path) -> None:
    """A byte order mark, Windows line ends and one wrong byte harm no other line."""
    engine = make_engine(f"sqlite:///{tmp_path / 'orders.db'}")
    metadata.create_all(engine)
    good = json.dumps(order(), ensure_ascii=False).encode()
    wrong = json.dumps(order("FR-2"), ensure_ascii=False).encode("latin-1")
    path = tmp_path / "orders.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + good + b"\r\n" + wrong + b"\r\n")
    report = import_orders(engine, read_lines(path), NOW)
    assert report == ImportReport(imported=1, problems=[(2, "expected UTF-8 text")])
    engine.dispose()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The message names the file."""
    with pytest.raises(ImportRefused, match=r"orders\.jsonl: No such file"):
        list(read_lines(tmp_path / "orders.jsonl"))


def test_the_published_schemas_are_current() -> None:
    """docs/schemas is what `python -m returns.importing.schemas` writes."""
    published = {path.name: path.read_text("utf-8") for path in FOLDER.iterdir()}
    assert published == schema_texts()


def test_the_documented_examples_are_importable() -> None:
    """The order and the product shown in docs/shop.md have the format they explain."""
    text = (ROOT / "docs" / "shop.md").read_text("utf-8")
    example, other = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    assert OrderIn.model_validate_json(example).order_number == "FR-1042"
    assert ProductIn.model_validate_json(other).product_id == "NOR-01"
