"""A day at the console by keyboard, in a real browser over the running product."""

import csv
import re
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import expect

from desk import transcript
from desk.console import canned
from desk.console.accounts import Role
from desk.console.tables import readings
from desk.tables import conversations
from returns.services import tasks, views
from tests.browser.colleague import Colleague
from tests.browser.test_console_pages import withdrawn
from tests.browser.visitor import Visitor
from tests.orders import new_order
from tests.pictures import photo
from tests.stack import Customer, Stack

POLLED_MS = 60_000  # the badge asks every 15 s, presence every 10
Visit = Callable[..., Visitor]
Join = Callable[..., Colleague]


def customer_says(stack: Stack, *texts: str) -> Customer:
    customer = stack.customer()
    for text in texts:
        customer.say(text)
    return customer


def row_of(stack: Stack, customer: Customer) -> sa.Row[tuple[object, ...]]:
    here = conversations.c.conversation_id == customer.conversation_id
    with stack.house.reader.connect() as connection:
        return connection.execute(sa.select(conversations).where(here)).one()


def test_inbox_and_review_by_keys(colleague: Join, stack: Stack) -> None:
    """Search, open, read, mark reviewed, correct, back: no hand leaves the keyboard."""
    first = customer_says(stack, "le zellige de ma table est fendu")
    second = customer_says(stack, "un autre zellige, cassé celui-là")
    ines = colleague()
    ines.keys("/", "zelliges casses", "Enter")
    rows = ines.page.locator("tbody [data-row]")
    expect(rows).to_have_count(1)
    ines.open("/console/conversations")
    ines.keys("/", "zellige", "Enter")
    expect(rows).to_have_count(2)
    ines.keys("j", "j", "k", "j")
    expect(ines.page.locator("[data-row].selected")).to_contain_text("fendu")
    ines.keys("r")
    expect(ines.page.locator("tr.done")).to_have_count(1)
    assert row_of(stack, first).reviewed_by == "Inès"
    ines.keys("j", "Enter")
    ines.page.wait_for_url(f"**/{second.conversation_id}*")
    ines.keys("c")
    ines.page.locator("details.understood[open]").wait_for()
    ines.keys("3")
    expect(ines.page.locator(".understood summary b")).to_be_visible()
    mine = readings.c.conversation_id == second.conversation_id
    with stack.house.reader.connect() as connection:
        reading = connection.execute(sa.select(readings).where(mine)).one()
    assert reading.checked_by == "Inès"
    assert reading.right_intent != reading.intent
    ines.keys("r")
    expect(ines.page.locator(".tick").first).to_be_visible()
    ines.page.wait_for_load_state("networkidle")  # a page on its way hears no key
    ines.keys("u")
    ines.page.wait_for_url(re.compile(r"/console/conversations(\?.*)?$"))
    ines.keys("?")
    expect(ines.page.locator("#help")).to_be_visible()


def test_take_over_with_the_customers_widget_open(
    colleague: Join, visit: Visit, stack: Stack
) -> None:
    """Bell and badge, claim, canned answer by key, reply, lock, and the bot is back."""
    canned.save(
        stack.house,
        colleague(name="Paul").member,
        "Accueil",
        "Bonjour, je lis votre message.",
        "Hello, I am reading your message.",
    )
    ines = colleague(role=Role.AGENT)
    bell = ines.page.get_by_role("button", name="Son")
    bell.click()
    expect(bell).to_have_attribute("aria-pressed", "true")
    somebody = visit()
    somebody.open()
    somebody.say("je veux parler à un conseiller")
    expect(bell).to_have_attribute("data-rung", "1", timeout=POLLED_MS)
    expect(ines.page).to_have_title(re.compile(r"^\(\d+\) "))
    ines.open("/console/waiting")
    ines.keys("k", "Enter")
    ines.page.wait_for_url("**/console/conversations/*")
    ines.keys("a", "Enter")
    ines.page.locator("textarea[data-answer]").wait_for()
    talk = ines.page.url.partition("#")[0].rpartition("/")[2]
    ines.keys("i", "1")
    field = ines.page.locator("textarea[data-answer]")
    expect(field).to_have_value("Bonjour, je lis votre message.")
    paul = colleague(name="Paul").talk(talk)
    answering = "Inès est en train de répondre"
    expect(paul.page.locator(".present")).to_contain_text(answering, timeout=POLLED_MS)
    expect(paul.page.locator("textarea[data-answer]")).to_have_count(0)
    ines.keys(" Tout va bien ?", "Control+Enter")
    somebody.sees("je lis votre message. Tout va bien ?")
    assert "Inès" in somebody.page.locator(".row.staff").last.inner_text()
    somebody.say("oui merci, et mon colis ?", answered=False)
    expect(ines.page.locator("#messages")).to_contain_text("et mon colis ?")
    ines.page.get_by_role("button", name="Rendre au bot").press("Enter")
    somebody.sees("ssistant automatique")
    expect(ines.page.locator(".state.bot")).to_be_visible()


def test_a_decision_on_a_case(colleague: Join, stack: Stack) -> None:
    """From the list to the accepted return; an agent may not."""
    order = new_order(stack.house, delivered_days_ago=40, placed_days_ago=45)
    told = f"j'ai changé d'avis pour ma robe, commande {order['order_number']}"
    customer = customer_says(stack, f"{told}, {order['customer']['email']}")
    customer.say("remboursement")
    customer.say("oui")
    case = next(iter(views.all_returns(stack.house, order["order_number"])), None)
    assert case is not None, [m["text"] for m in customer.heard]
    waiting = [
        t for t in tasks.open_tasks(stack.house) if t.return_id == case["return_id"]
    ]
    assert [t.kind for t in waiting] == ["review_return"]
    path = f"/console/cases/{case['return_id']}"
    agent = colleague(name="Zoé", role=Role.AGENT).open(path)
    expect(agent.page.get_by_role("button", name="Accepter")).to_have_count(0)
    ines = colleague(role=Role.ADMIN).open("/console/cases?state=person")
    ines.page.locator("input[data-search]").fill(order["order_number"])
    ines.keys("Enter")
    ines.page.locator("tbody [data-row]").wait_for()
    ines.keys("Escape", "j", "Enter")
    ines.page.wait_for_url(f"**{path}")
    ines.page.get_by_role("button", name="Accepter").press("Enter")
    ines.page.wait_for_load_state()
    expect(ines.page.locator(".urgent")).to_have_count(0)
    assert "Accepté" in ines.page.locator(".timeline").inner_text()


def test_a_deduction_and_a_compensation_by_keys(
    colleague: Join, stack: Stack, tmp_path: Path
) -> None:
    """Unit, sum, reason and photo; the refund is lowered, the customer is told."""
    return_id = withdrawn(stack)
    shown = tmp_path / "col.jpg"
    shown.write_bytes(photo(width=400))
    ines = colleague().open(f"/console/cases/{return_id}")
    ines.page.locator("summary", has_text="Poser une retenue").press("Enter")
    ines.page.locator("select[name=unit]").focus()
    ines.keys("Tab", "10,50", "Tab", "Le col est taché.")
    ines.page.locator("input[type=file]").set_input_files(shown)
    with ines.page.expect_navigation():
        ines.page.get_by_role("button", name="Poser une retenue").press("Enter")
    told = ines.page.locator("#adjustments")
    expect(told).to_contain_text("10,50")
    expect(told).to_contain_text("W14")
    ines.page.locator("summary", has_text="Ajouter une compensation").press("Enter")
    ines.page.locator("select[name=rule]").focus()
    ines.keys("Tab", "3", "Tab", "Affranchissement remboursé tard.")
    with ines.page.expect_navigation():
        ines.keys("Tab", "Enter")
    assert "Compensation ajoutée" in ines.page.locator(".timeline").inner_text()
    ines.check()
    (case,) = [c for c in views.all_returns(stack.house) if c["return_id"] == return_id]
    assert case["refund"]["amount_minor"] == 5990 + 490 - 1050
    assert {one["amount_minor"] for one in case["adjustments"]} == {1050, 540, 300}
    talk = transcript_of(stack, case["conversation_id"])
    assert "Le col est taché." in talk and "contester" in talk


def transcript_of(stack: Stack, conversation_id: str) -> str:
    """All that was said, once the news of the last act is there."""
    until = time.monotonic() + 60
    talk = ""
    while time.monotonic() < until and "Le col" not in talk:
        with stack.house.reader.connect() as connection:
            rows = transcript.after(connection, conversation_id, 0)
        talk = "\n".join(row.text for row in rows)
        time.sleep(0.1)
    return talk


def test_figures_lead_to_cases_and_to_files(
    colleague: Join, stack: Stack, tmp_path: Path
) -> None:
    """Each number opens as many rows; the export has them for a French Excel."""
    order = new_order(stack.house)
    told = f"ma robe est arrivée déchirée, commande {order['order_number']}"
    customer = customer_says(stack, f"{told}, {order['customer']['email']}")
    customer.say("remboursement")
    customer.say("oui")
    ines = colleague().open("/console/statistics")
    link = ines.page.locator("tbody a[data-open]").first
    number = int(link.inner_text())
    ines.keys("j", "Enter")
    ines.page.wait_for_url("**/console/cases?*")
    expect(ines.page.locator("tbody [data-row]")).to_have_count(number)
    ines.page.locator(".exports summary").press("Enter")
    with ines.page.expect_download() as begun:
        ines.page.get_by_role("link", name="CSV pour Excel").press("Enter")
    kept = tmp_path / "cases.csv"
    begun.value.save_as(kept)
    text = kept.read_bytes().decode("utf-8")
    assert text.startswith("\ufeffreturn_id;")
    assert len(list(csv.reader(StringIO(text), delimiter=";"))) == number + 1
    ines.keys("Escape")


def test_a_view_of_ones_own(colleague: Join, stack: Stack) -> None:
    """Filters are kept under a name and come back with one click."""
    ines = colleague().open("/console/conversations?language=fr&reviewed=no")
    ines.page.get_by_text("Enregistrer cette vue").press("Enter")
    ines.page.get_by_label("Nom de la vue").fill("Françaises à relire")
    ines.keys("Enter")
    ines.page.get_by_role("link", name="Françaises à relire").wait_for()
    ines.open("/console/conversations")
    ines.page.get_by_role("link", name="Françaises à relire").press("Enter")
    ines.page.wait_for_url("**?*reviewed=no*")
    ines.page.get_by_role("button", name=re.compile("Supprimer la vue")).press("Enter")
    expect(ines.page.get_by_role("link", name="Françaises à relire")).to_have_count(0)
