"""Whole returns through the widget, as customers make them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import DESKTOP, PHONE, SMALL, Visitor
from tests.orders import new_order
from tests.stack import Stack

Visit = Callable[..., Visitor]
WARES = [
    ("LUM-02", "Ceramic Table Lamp", "white"),
    ("LUM-09", "Galet Vase", "terracotta"),
    ("LUM-05", "Rivage Carafe", "amber"),
]


@pytest.mark.parametrize("size", [PHONE, SMALL], ids=["390x844", "320x568"])
def test_torn_dress_french_phone(
    visit: Visit, stack: Stack, size: tuple[int, int]
) -> None:
    """A torn dress, from the launcher to number and address, on a phone."""
    order = new_order(stack.house)
    somebody = visit(size=size)
    name = {PHONE: "phone", SMALL: "small"}[size]
    somebody.check(f"{name}-closed")
    somebody.open().check(f"{name}-open")
    somebody.say("bonjour, ma robe est arrivée déchirée je veux etre remboursée")
    somebody.check(f"{name}-talk")
    somebody.say(order["order_number"])
    expect(somebody.field).to_have_attribute("inputmode", "email")
    somebody.say(order["customer"]["email"])
    somebody.sees("Récapitulatif")
    somebody.check()
    somebody.choice("Oui").scroll_into_view_if_needed()
    somebody.check(f"{name}-recap")
    somebody.press("Oui")
    somebody.sees("Numéro à inscrire sur le colis").scroll_into_view_if_needed()
    somebody.check(f"{name}-confirmed")
    assert somebody.page.locator(".rma_number .value").inner_text().startswith("NRD-")
    assert "Lille" in somebody.page.locator(".return_address .value").inner_text()


def test_several_items_english_desktop(visit: Visit, stack: Stack) -> None:
    """Two items of three, chosen by ticking, on a desktop in English."""
    lines = [
        {
            "title": title,
            "options": {"Colour": colour},
            "image": f"/demo/pictures/{product}.svg",
            "supplier": "Maison Lumen",
        }
        for product, title, colour in WARES
    ]
    order = new_order(stack.house, language="en", lines=lines)
    somebody = visit(lang="en")
    somebody.check("desktop-closed")
    somebody.open().check("desktop-open")
    somebody.say("hello, I would like to return something")
    somebody.identify(order)
    somebody.sees("Ceramic Table Lamp")
    pictures = somebody.page.locator("label.choice img")
    expect(pictures).to_have_count(len(WARES))
    for n in range(len(WARES)):
        assert pictures.nth(n).get_attribute("src").startswith("blob:")
        assert pictures.nth(n).evaluate("async (one) => one.decode()") is None
    somebody.page.locator("label.choice").nth(0).click()
    somebody.page.locator("label.choice").nth(2).click()
    somebody.check("desktop-items")
    somebody.press("Confirm 2 items")
    somebody.check("desktop-reasons")
    while somebody.page.locator(".recap").count() == 0:
        wish = somebody.choice("Refund").count() > 0
        somebody.press("Refund" if wish else "Too small")
    somebody.check("desktop-recap")
    somebody.page.locator(".confirm .choice").first.click()
    somebody.sees("Number to write on the parcel").scroll_into_view_if_needed()
    somebody.check("desktop-confirmed")


def test_keyboard_only(visit: Visit, stack: Stack) -> None:
    """From launcher to confirmed return without a mouse."""
    order = new_order(stack.house)
    somebody = visit()
    keys = somebody.page.keyboard
    somebody.page.locator("nav button").focus()
    keys.press("Tab")
    assert somebody.focused() == "launcher"
    keys.press("Enter")
    somebody.messages.first.wait_for()
    assert somebody.focused() == "field"
    for text in ("ma robe est arrivée déchirée", order["order_number"]):
        before = somebody.answers
        keys.type(text)
        keys.press("Enter")
        somebody.wait_answer(before)
    before = somebody.answers
    keys.type(order["customer"]["email"])
    keys.press("Enter")
    somebody.wait_answer(before)
    while somebody.page.locator(".choices").count():
        offered = somebody.page.locator(".choices").inner_text()
        wanted = ("Sans photo", "Remboursement", "Oui")
        _press_focused(somebody, next(title for title in wanted if title in offered))
    somebody.sees("Numéro à inscrire sur le colis")
    assert somebody.focused() == "field"
    keys.press("Escape")
    assert somebody.focused() == "launcher"
    expect(somebody.panel).to_have_count(0)


def _press_focused(somebody: Visitor, title: str) -> None:
    """Walk back to the button with Shift+Tab, and press it with Enter."""
    for _ in range(40):
        focused = somebody.page.locator(".choice:focus")
        if focused.count() and title in focused.inner_text():
            break
        somebody.page.keyboard.press("Shift+Tab")
    before = somebody.answers
    somebody.page.keyboard.press("Enter")
    somebody.wait_answer(before)


def test_staff_answers(visit: Visit, stack: Stack) -> None:
    """A person is asked for and answers by first name; then stars are given."""
    from desk import handoffs

    somebody = visit(size=PHONE)
    somebody.open()
    somebody.say("je veux parler à un conseiller")
    expect(somebody.panel.get_by_text("L’équipe va vous répondre")).to_be_visible()
    waiting = handoffs.waiting(stack.house)[-1]
    before = somebody.answers
    handoffs.reply(
        stack.house, waiting.conversation_id, "Bonjour, je regarde cela.", "Nadia"
    )
    somebody.wait_answer(before)
    assert somebody.page.locator(".row.staff .who").inner_text() == "Nadia"
    expect(somebody.panel.get_by_text("L’équipe vous répond")).to_be_visible()
    somebody.say("merci beaucoup", answered=False)
    expect(somebody.page.locator(".state")).to_have_count(0)
    somebody.check("phone-person")


def test_dark_theme(visit: Visit, stack: Stack) -> None:
    """The dark theme holds contrast in its main states."""
    order = new_order(stack.house)
    somebody = visit(size=DESKTOP, query={"theme": "dark"})
    somebody.check()
    somebody.open().check()
    somebody.say("ma robe est arrivée déchirée, je veux être remboursée")
    somebody.identify(order)
    somebody.sees("Récapitulatif")
    somebody.check("desktop-dark")
    somebody.press("Oui")
    somebody.sees("Numéro à inscrire sur le colis")
    somebody.check()
