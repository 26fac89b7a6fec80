"""Every page of the console, in both languages, on a phone and on a desktop.

With `--pictures` they are also the pictures of docs/images.
"""

import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from benchmarks.tools.crowd import fill
from desk import claiming, handoffs
from desk.console import canned, saved_views
from desk.console.accounts import Role
from desk.console.filters import Filters
from returns import ids
from returns.model import Resolution, ReturnReason
from returns.services import adjustments, cases, history, refunds, tasks, uploads
from returns.services.adjustments import Compensation
from returns.tables import returns
from returns.unit import writing
from tests.browser.colleague import Colleague
from tests.browser.visitor import DESKTOP, PHONE
from tests.houses import tell_all
from tests.orders import new_order
from tests.pictures import photo
from tests.stack import Stack

Join = Callable[..., Colleague]
# By the name of the picture that shows it.
PAGES = {
    "inbox": "/console/conversations",
    "inbox-filters": "/console/conversations?reason=too_small&reviewed=no&below=80",
    "nothing-found": "/console/conversations?q=xylophone",
    "waiting": "/console/waiting",
    "unsure": "/console/unsure",
    "corrections": "/console/corrections",
    "returns": "/console/cases",
    "tasks": "/console/tasks",
    "statistics": "/console/statistics",
    "statistics-crossed": "/console/statistics?rows=product&across=supplier",
    "answers": "/console/answers",
    "team": "/console/staff",
    "log": "/console/audit?verify=1",
    "account": "/console/account",
    "password": "/console/password",
    "not-found": "/console/cases/R-NOBODY",
}


@pytest.fixture(scope="module")
def busy(stack: Stack) -> dict[str, str]:
    """A shop with a past; the addresses of a conversation and a case in work."""
    fill(stack.house.engine, 240, stack.house.clock.now(), days=84)
    order = new_order(stack.house)
    customer = stack.customer()
    picture = customer.upload(photo())
    customer.say("bonjour, ma robe est arrivée déchirée je veux etre remboursée")
    customer.show(picture)
    customer.say(order["order_number"])
    customer.say(order["customer"]["email"])
    customer.say("oui")
    customer.say("je veux parler à un conseiller")
    talk = customer.conversation_id
    with stack.house.reader.connect() as connection:
        mine = returns.c.conversation_id == talk
        return_id = connection.execute(
            sa.select(returns.c.return_id).where(mine)
        ).scalar_one()
    with writing(stack.house) as unit:
        case = history.get_return(unit.connection, return_id)
        tasks.open_task(unit, "review_return", return_id, case)
    return {
        "adjusted": f"/console/cases/{withdrawn(stack)}",
        "conversation": f"/console/conversations/{talk}",
        "case": f"/console/cases/{return_id}",
        "talk": talk,
    }


def withdrawn(stack: Stack) -> str:
    """A withdrawal whose refund waits for the goods, and a compensation; its id."""
    talk = stack.customer().conversation_id
    told = {"reasons": (ReturnReason.CHANGED_MIND,), "resolution": Resolution.REFUND}
    tell_all(stack.house, new_order(stack.house), talk, **told)
    return_id = cases.confirm(stack.house, talk, ids.new_id()).return_ids[0]
    wait_for_refund(stack, return_id)
    uploads.keep(stack.house, talk, photo())
    why = "Votre premier remboursement est parti douze jours trop tard."
    adjustments.enter(stack.house, Compensation(return_id, "W15", 540, why), "Marc")
    return return_id


def wait_for_refund(stack: Stack, return_id: str) -> None:
    """Until the worker has its number and the money is reserved."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with stack.house.reader.connect() as connection:
            if refunds.of_return(connection, return_id) is not None:
                return
        time.sleep(0.1)
    raise AssertionError(f"no refund of {return_id}")


def _belongings(ines: Colleague, busy: dict[str, str]) -> None:
    house, me = ines.stack.house, ines.member
    if not saved_views.of_member(house, me):
        saved_views.save(house, me, "À relire", Filters(reviewed="no"), shared=True)
        saved_views.save(house, me, "Lampes", Filters(product="Lampe"), shared=False)
    if not any(one.name == "Je regarde" for one in canned.everyone(house)):
        fr = "Bonjour {first_name}, je regarde votre commande {order_number}."
        en = "Hello {first_name}, I am looking at your order {order_number}."
        canned.save(house, me, "Je regarde", fr, en)
        canned.save(house, me, "Photo", "Une photo ?", "A photo, please?")
    with house.reader.connect() as connection:
        held = claiming.claim_of(connection, busy["talk"])
    if held is None:
        handoffs.claim(house, busy["talk"], me.staff_id)


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page(
    colleague: Join, busy: dict[str, str], language: str, size: tuple[int, int]
) -> None:
    """No violation of WCAG A or AA, none of the policy; nothing is cut off."""
    ines = colleague(language=language, size=size)
    _belongings(ines, busy)
    end = {PHONE: "-phone", DESKTOP: ""}[size]
    for name, path in {**PAGES, **busy}.items():
        if name == "talk":
            continue
        ines.open(path)
        ines.page.wait_for_load_state("networkidle")
        ines.check(f"{name}{end}" if language == "fr" else None)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_states_that_need_a_hand(
    colleague: Join, busy: dict[str, str], language: str
) -> None:
    """What opens under a key or a click, and what a viewer sees."""
    ines = colleague(language=language)
    _belongings(ines, busy)
    shown = "" if language == "fr" else None
    ines.open(busy["conversation"]).keys("c")
    ines.page.locator("details.understood[open]").first.wait_for()
    ines.check(None if shown is None else "conversation-understood")
    ines.open("/console/unsure").keys("j", "c")
    ines.check(None if shown is None else "unsure-correct")
    ines.open(busy["adjusted"])
    for form in ines.page.locator("details.adjust summary").all():
        form.press("Enter")
    ines.page.locator("#adjustments").scroll_into_view_if_needed()
    ines.check(None if shown is None else "case-deduction")
    ines.open("/console/cases").page.locator(".exports summary").click()
    ines.check()
    ines.open("/console/statistics").page.locator("details summary").last.click()
    ines.check()
    ines.keys("?")
    ines.page.locator("#help[open]").wait_for()
    ines.check(None if shown is None else "keys")
    viewer = colleague(name="Luc", role=Role.VIEWER, language=language)
    for name in ("conversation", "case"):
        viewer.open(busy[name]).check()
    viewer.open("/console/staff").check()
    stranger = viewer.context.browser.new_page()  # type: ignore[union-attr]
    stranger.goto(f"{ines.stack.url}/console/login")
    viewer.page = stranger
    viewer.page.add_init_script("window.violations = []")
    viewer.page.reload()
    viewer.check(None if shown is None else "login")
    stranger.close()
