"""What customers and suppliers can write never runs at the console."""

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from desk import transcript
from desk.console import canned, saved_views
from desk.console.filters import Filters
from desk.console.tables import conversation_labels, conversation_notes, readings
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
        if number % 10 == 0:
            talks.append(_conversation(stack))
        with writing(stack.house) as unit:
            _say(unit, talks[-1], attack, number)
    for talk in talks:
        found.append(f"/console/conversations/{talk}")
        found.append(f"/console/cases/{_case(stack, talk)}")
    with writing(stack.house) as unit:
        for number, attack in enumerate(attacks(count)):
            _write_everywhere(unit, number, attack, found[2 * (number // 10) + 1])
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
    order = new_order(stack.house)
    reasons = (ReturnReason.DAMAGED_IN_TRANSIT,)
    wish = Resolution.REFUND
    tell_all(stack.house, order, talk, reasons=reasons, resolution=wish)
    return cases.confirm(stack.house, talk, ids.new_id()).return_ids[0]


def _write_everywhere(unit: Unit, number: int, attack: str, path: str) -> None:
    """The last of ten stays in what exists once; tasks and history have them all."""
    return_id = path.rpartition("/")[2]
    case = history.get_return(unit.connection, return_id)
    change = {"first_name": attack, "last_name": attack}
    row = unit.connection.execute(
        sa.select(orders).where(orders.c.order_number == case.order_number)
    ).one()
    run = unit.connection.execute
    same = orders.c.order_number == case.order_number
    run(orders.update().where(same).values(customer={**row.customer, **change}))
    mine = order_lines.c.order_number == case.order_number
    run(order_lines.update().where(mine).values(title=attack, options={"a": attack}))
    ours = return_lines.c.return_id == return_id
    run(return_lines.update().where(ours).values(detail=attack, other_reasons=[attack]))
    address = dict.fromkeys(("name", "line1", "postcode", "city", "country"), attack)
    told = {"return_address": address, "rma_number": f"{number}{attack}"[:120]}
    run(returns.update().where(returns.c.return_id == return_id).values(**told))
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


def test_no_payload_runs(colleague: Join, hostile: list[str], stack: Stack) -> None:
    """In every field, on every page, unfolded: none runs, none is mark-up."""
    ines = colleague()
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
    for path in [*lists, *hostile]:
        ines.open(path)
        ines.page.evaluate(
            "document.querySelectorAll('details').forEach((one) => one.open = true)"
        )
        ines.page.mouse.move(300, 300)
        ines.must_be_clean()
    for attack in PAYLOADS[:20]:
        ines.open("/console/conversations")
        ines.page.locator("input[name=q]").fill(attack.replace("\t", " "))
        with ines.page.expect_navigation():
            ines.keys("Enter")
        ines.must_be_clean()


def test_the_payloads_are_really_there(hostile: list[str], stack: Stack) -> None:
    """The pages of the other test hold what they should."""
    talks = [path.rpartition("/")[2] for path in hostile[::2]]
    with stack.house.reader.connect() as connection:
        said = sa.select(sa.func.sum(conversations.c.last_seq)).where(
            conversations.c.conversation_id.in_(talks)
        )
        assert connection.execute(said).scalar_one() >= 30 * len(talks)
