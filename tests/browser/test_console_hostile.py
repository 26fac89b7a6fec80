"""What customers and suppliers can write never runs at the console."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from desk import transcript
from desk.console import canned, saved_views
from desk.console.filters import Filters
from desk.console.safety_tables import unmaskings
from desk.console.tables import (
    conversation_labels,
    conversation_notes,
    readings,
    staff_sessions,
)
from desk.tables import conversations
from returns import ids
from returns.model import By, Resolution, ReturnReason
from returns.services import cases, history
from returns.tables import adjustments, order_lines, orders, return_lines, returns
from returns.tables import tasks as task_rows
from returns.unit import Unit, writing
from tests.browser.colleague import Colleague
from tests.browser.payloads import PAYLOADS
from tests.houses import tell_all
from tests.orders import new_order
from tests.stack import Stack

Join = Callable[..., Colleague]
BEFORE = (
    "",
    '">',
    "'>",
    "</bdi>",
    "</p></div>",
    "</textarea>",
    "</title>",
    "{{",
    "-->",
)
FEW, MANY = 40, 500
TOGETHER = 10  # payloads in one conversation and its case


def attacks(count: int) -> Iterator[str]:
    """The payloads, then each again out of other places of a page."""
    made = (f"{start}{payload}" for start in BEFORE for payload in PAYLOADS)
    for _, payload in zip(range(count), made, strict=False):
        yield payload


@pytest.fixture(scope="module")
def hostile(stack: Stack, request: pytest.FixtureRequest) -> list[str]:
    """Addresses of pages that hold each payload in every field others can write."""
    count = MANY if request.config.getoption("--full") else FEW
    talks, found = [], []
    for number, attack in enumerate(attacks(count)):
        if number % TOGETHER == 0:
            talks.append(_conversation(stack))
        with writing(stack.house) as unit:
            _say(unit, talks[-1], attack, number)
    for talk in talks:
        found.append(f"/console/conversations/{talk}")
        found.append(f"/console/cases/{_case(stack, talk)}")
    with writing(stack.house) as unit:
        for number, attack in enumerate(attacks(count)):
            path = found[2 * (number // TOGETHER) + 1]
            _write_everywhere(unit, number, attack, path)
            _write_once(unit, attack, path)
    return found


def _conversation(stack: Stack) -> str:
    return stack.customer().conversation_id


def _say(unit: Unit, talk: str, attack: str, number: int) -> None:
    """As words, name, picture, button, and what was understood."""
    line = transcript.Line("customer", attack, images=[attack])
    seq = transcript.add(unit, talk, line)
    button = {"title": attack, "detail": attack, "payload": {}}
    by_staff = transcript.Line("staff", attack, author_name=attack[:120])
    transcript.add(unit, talk, by_staff)
    transcript.add(unit, talk, transcript.Line("bot", attack, buttons=[button]))
    unit.connection.execute(
        readings.insert().values(
            inbound_id=ids.new_id(),
            conversation_id=talk,
            seq=seq,
            at=unit.now,
            intent="inform",
            confidence=number / 1000,
            reasons=[attack],
            corrected=False,
        )
    )
    told = {"conversation_id": talk, "at": unit.now, "by": attack[:120]}
    unit.connection.execute(
        conversation_notes.insert().values(**told, note_id=ids.new_id(), text=attack)
    )
    label = f"{number}{attack}"[:40]
    unit.connection.execute(conversation_labels.insert().values(**told, label=label))


def _case(stack: Stack, talk: str) -> str:
    order = new_order(stack.house, lines=[{} for _ in range(TOGETHER)])
    told = {
        "reasons": (ReturnReason.DAMAGED_IN_TRANSIT,),
        "resolution": Resolution.REFUND,
        "line_ids": tuple(line["line_id"] for line in order["lines"]),
    }
    tell_all(stack.house, order, talk, **told)
    return cases.confirm(stack.house, talk, ids.new_id()).return_ids[0]


def _write_everywhere(unit: Unit, number: int, attack: str, path: str) -> None:
    """A line, a task, a sum and an event of the case for each of its payloads."""
    return_id = path.rpartition("/")[2]
    case = history.get_return(unit.connection, return_id)
    run = unit.connection.execute
    line_id = f"{case.order_number}/{number % TOGETHER + 1}"
    mine = order_lines.c.order_number == case.order_number
    bought = {"title": attack, "options": {"a": attack}}
    run(
        order_lines.update()
        .where(mine, order_lines.c.line_id == line_id)
        .values(**bought)
    )
    ours = return_lines.c.return_id == return_id
    said = {"detail": attack, "other_reasons": [attack]}
    run(
        return_lines.update()
        .where(ours, return_lines.c.line_id == line_id)
        .values(**said)
    )
    facts = {"said": attack, "number": attack, "email": attack, "surname": attack}
    subject = f"{return_id}:{number}"
    run(
        task_rows.insert().values(
            task_id=ids.new_id(),
            kind="check_proof",
            subject_id=subject,
            return_id=return_id,
            order_number=case.order_number,
            facts=facts,
            created_at=unit.now,
        )
    )
    who = attack[:120]
    run(
        adjustments.insert().values(
            adjustment_id=ids.new_id(),
            return_id=return_id,
            kind="compensation",
            rule="W15",
            amount_minor=100,
            currency="EUR",
            reason=attack,
            state="paid",
            asked_by=who,
            asked_at=unit.now,
            decided_by=f"x{who}"[:120],
            decided_at=unit.now,
            paid_reference=attack[:200],
        )
    )
    history.record(
        unit, return_id, "staff.declined", By.STAFF, attack[:120], reason=attack
    )


def _write_once(unit: Unit, attack: str, path: str) -> None:
    """Into what a case has once: its customer, the supplier's number and address."""
    return_id = path.rpartition("/")[2]
    case = history.get_return(unit.connection, return_id)
    same = orders.c.order_number == case.order_number
    run = unit.connection.execute
    row = run(sa.select(orders).where(same)).one()
    change = {"first_name": attack, "last_name": attack}
    run(orders.update().where(same).values(customer={**row.customer, **change}))
    parts = ("name", "line1", "line2", "postcode", "city", "country")
    told = {
        "return_address": dict.fromkeys(parts, attack),
        "rma_number": f"{return_id}{attack}"[:120],
    }
    run(returns.update().where(returns.c.return_id == return_id).values(**told))


def _in_clear(stack: Stack, paths: list[str]) -> None:
    """Whoever is signed in sees them unmasked, or much would not be on the page."""
    with writing(stack.house) as unit:
        rows = unit.connection.execute(sa.select(staff_sessions.c.session_id)).scalars()
        for session in list(rows):
            for path in paths:
                unit.connection.execute(
                    unmaskings.insert().values(
                        session_id=session,
                        subject=path.rpartition("/")[2],
                        reason="quality",
                        until=unit.now + timedelta(hours=2),
                    )
                )


@pytest.mark.timeout(3600)  # with --full, more than six hundred pages
def test_no_payload_runs(
    colleague: Join, hostile: list[str], stack: Stack, request: pytest.FixtureRequest
) -> None:
    """In every field, on every page, unfolded and in clear: none runs, none is mark-up.

    What a case has once holds each of its payloads in turn (--full).
    """
    ines = colleague()
    _in_clear(stack, hostile)
    for number, attack in enumerate(PAYLOADS[:9]):
        text = attack.replace("{", "(").replace("}", ")")
        canned.save(stack.house, ines.member, f"{number}{text}"[:60], text, text)
        saved_views.save(
            stack.house, ines.member, text[:60], Filters(q=attack), shared=True
        )
    lists = [
        "/console/conversations",
        "/console/waiting",
        "/console/unsure",
        "/console/corrections",
        "/console/cases",
        "/console/tasks",
        "/console/statistics?rows=product",
        "/console/answers",
        "/console/audit",
    ]
    opened = 0
    for path in [*lists, *hostile]:
        _look(ines, path)
        opened += 1
    about = ines.page.locator("aside.side").inner_text()
    assert about.count("hits") >= 4, about  # name, number and address, in clear
    full = request.config.getoption("--full")
    for number, attack in enumerate(attacks(MANY if full else 0)):
        path = hostile[2 * (number // TOGETHER) + 1]
        with writing(stack.house) as unit:
            _write_once(unit, attack, path)
        _look(ines, path)
        opened += 1
    print(f"{opened} pages opened")
    for attack in PAYLOADS[:20]:
        ines.open("/console/conversations")
        ines.page.locator("input[name=q]").fill(attack.replace("\t", " "))
        with ines.page.expect_navigation():
            ines.keys("Enter")
        ines.must_be_clean()


def _look(ines: Colleague, path: str) -> None:
    ines.open(path)
    ines.page.evaluate(
        "document.querySelectorAll('details').forEach((one) => one.open = true)"
    )
    ines.page.mouse.move(300, 300)
    ines.must_be_clean()


def test_the_payloads_are_really_there(hostile: list[str], stack: Stack) -> None:
    """The pages of the other test hold what they should."""
    talks = [path.rpartition("/")[2] for path in hostile[::2]]
    with stack.house.reader.connect() as connection:
        said = sa.select(sa.func.sum(conversations.c.last_seq)).where(
            conversations.c.conversation_id.in_(talks)
        )
        assert connection.execute(said).scalar_one() >= 30 * len(talks)
