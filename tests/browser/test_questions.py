"""The right input for what the desk waits for."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from desk import transcript
from returns.unit import writing
from tests.browser.pretending import pretend, said
from tests.browser.visitor import PHONE, Visitor
from tests.orders import new_order
from tests.stack import Customer, Stack

Visit = Callable[..., Visitor]
LABEL = "https://www.example.com/etiquette.pdf"


def ask(
    stack: Stack, customer: Customer, text: str, expects: str, *titles: str
) -> None:
    """The desk asks this, with these buttons."""
    payload = {"intent": "inform", "entities": {}}
    buttons: list[dict[str, Any]] = [
        {"title": title, "payload": payload, "detail": f"taille {title}"}
        for title in titles
    ]
    with writing(stack.house) as unit:
        line = transcript.Line("bot", text, buttons=buttons, expects=expects)
        transcript.add(unit, customer.conversation_id, line)


def test_each_question_has_its_input(visit: Visit, stack: Stack) -> None:
    """Stars for a rating, camera for a photo, cards for variants, keyboards."""
    customer = stack.customer()
    somebody = visit(size=PHONE)
    somebody.be(customer.token)
    somebody.open()
    ask(stack, customer, "Quelle variante ?", "variant", "36", "38", "40")
    expect(somebody.page.locator(".cards .choice small")).to_have_count(3)
    somebody.check("phone-variants")
    ask(stack, customer, "Quel code ?", "code")
    expect(somebody.field).to_have_attribute("inputmode", "numeric")
    expect(somebody.field).to_have_attribute("autocomplete", "one-time-code")
    expect(somebody.field).to_have_attribute("placeholder", "Le code reçu par e-mail")
    ask(stack, customer, "Une photo ?", "photo")
    expect(somebody.panel.get_by_text("Prendre une photo")).to_be_visible()
    somebody.check("phone-camera")
    ask(stack, customer, "Votre note ?", "rating", "1", "2", "3", "4", "5")
    star = somebody.panel.get_by_role("button", name="4 sur 5")
    expect(star).to_be_visible()
    somebody.check("phone-stars")


def test_links_are_safe_and_labels_open(visit: Visit, stack: Stack) -> None:
    """A PDF is a button of its own; links open elsewhere, without our address."""
    customer = stack.customer()
    somebody = visit()
    somebody.be(customer.token)
    somebody.open()
    ask(
        stack,
        customer,
        f"**Important** : {LABEL}\nVoir https://www.example.com.",
        "detail",
    )
    label = somebody.panel.get_by_role("link", name="Ouvrir le document (PDF)")
    expect(label).to_have_attribute("href", LABEL)
    link = somebody.panel.get_by_role("link", name="https://www.example.com")
    expect(link).to_have_attribute("href", "https://www.example.com")
    for one in (label, link):
        expect(one).to_have_attribute("rel", "noopener noreferrer")
        expect(one).to_have_attribute("target", "_blank")
    expect(somebody.page.locator(".bubble strong")).to_have_text("Important")
    somebody.check()


def test_number_is_copied(visit: Visit, stack: Stack) -> None:
    """One press copies; without TLS and without the clipboard's interface as well."""
    order = new_order(stack.house)
    customer = stack.customer()
    customer.say("ma robe est arrivée déchirée, je veux être remboursée")
    customer.say(order["order_number"])
    customer.say(order["customer"]["email"])
    customer.say("oui")
    somebody = visit()
    somebody.context.grant_permissions(["clipboard-read", "clipboard-write"])
    somebody.be(customer.token)
    somebody.open()
    number = somebody.page.locator(".rma_number .value").inner_text()
    somebody.panel.get_by_role("button", name="Copier le numéro").click()
    expect(somebody.panel.get_by_role("button", name="Copié")).to_be_visible()
    assert somebody.page.evaluate("navigator.clipboard.readText()") == number


def test_a_label_is_shown_once(visit: Visit) -> None:
    """The prepaid label is a button below number and address, and no second link."""
    address = "Nordlys Retours\n1 rue du Port\n59000 Lille"
    text = f"Adressez-le à :\n\n{address}\n\nPostez-le vite.\nÉtiquette : {LABEL}"
    facts = [
        {"kind": "rma_number", "value": "NRD-1"},
        {"kind": "return_address", "value": address},
        {"kind": "label", "value": LABEL},
    ]
    somebody = visit(size=PHONE)
    pretend(somebody, [{**said(text), "id": "m1", "seq": 1, "facts": facts}])
    somebody.page.locator("#launcher").click()
    label = somebody.panel.get_by_role("link", name="Ouvrir l’étiquette (PDF)")
    expect(label).to_have_attribute("href", LABEL)
    assert somebody.panel.get_by_role("link").count() == 1
    assert "Étiquette" not in somebody.page.locator(".bubble").inner_text()
    expect(somebody.page.locator(".bubble")).to_contain_text("Postez-le vite.")
    somebody.check("phone-label")
