"""What others may put into the chat or around it changes nothing."""

import json
from collections.abc import Callable
from html import escape
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from desk import claiming, handoffs, transcript
from returns.unit import writing
from tests.browser.payloads import PAYLOADS, RUN
from tests.browser.pretending import pretend, said
from tests.browser.visitor import PHONE, Visitor
from tests.orders import new_order
from tests.pictures import photo
from tests.stack import Customer, Stack

Visit = Callable[..., Visitor]
OPEN_QUESTIONS = [
    ("lines", "many"),
    ("variant", "one"),
    ("confirmation", "one"),
    ("rating", "one"),
]
FOREIGN = """() => {
  const known = new Set(["A", "BUTTON", "DD", "DIV", "DL", "DT", "EM", "FIELDSET",
    "FORM", "H2", "HEADER", "I", "IMG", "INPUT", "LABEL", "LEGEND", "LI", "P",
    "PROGRESS", "SECTION", "SMALL", "SPAN", "STRONG", "svg", "path", "TEXTAREA",
    "TIME", "UL"]);
  const root = document.querySelector("bonretour-chat").shadowRoot;
  const nodes = [...root.querySelectorAll("*")];
  const isHandler = (attribute) => /^on/i.test(attribute.name);
  const handlers = nodes.filter((node) => [...node.attributes].some(isHandler));
  const links = nodes.filter((node) => node.href && !/^https?:/.test(node.href));
  const strange = nodes.filter((node) => !known.has(node.tagName));
  return [...handlers, ...links, ...strange].map((node) => node.outerHTML.slice(0, 80));
}"""
STYLES = """() => {
  const root = document.querySelector("bonretour-chat").shadowRoot;
  return [...root.querySelectorAll("*")].map((node) => {
    const style = getComputedStyle(node);
    return [...style].map((name) => `${name}: ${style.getPropertyValue(name)}`);
  });
}"""


def test_payloads_never_run(visit: Visit, stack: Stack) -> None:
    """60 payloads as customer's text, staff's and product titles: none runs."""
    customer = stack.customer()
    customer.say("je veux parler à un conseiller")
    for payload in PAYLOADS:
        customer.say(payload)
        with writing(stack.house) as unit:  # each takes over from the one before
            claiming.hold(unit, customer.conversation_id, None, payload)
        handoffs.reply(stack.house, customer.conversation_id, payload, payload)
    _offer(stack, customer)
    somebody = visit()
    somebody.be(customer.token)
    somebody.open()
    while somebody.page.locator(".earlier").count():
        somebody.page.locator(".earlier").click()
    for author in ("customer", "staff"):
        texts = somebody.page.locator(f".row.{author} .bubble").all_inner_texts()
        assert len(texts) >= len(PAYLOADS)
    for payload in PAYLOADS[:3]:
        somebody.say(payload, answered=False)
        expect(somebody.page.locator(".state")).to_have_count(0)
    assert somebody.page.locator(".choice").count() == 0  # the answer spent them
    _nothing_ran(somebody)


def _offer(stack: Stack, customer: Customer) -> None:
    """The payloads as a bot's text, and as buttons with detail and picture."""
    with writing(stack.house) as unit:
        buttons = [
            {"title": p, "detail": p, "image": p, "payload": {}} for p in PAYLOADS
        ]
        text = "\n".join(PAYLOADS)
        line = transcript.Line("bot", text, buttons=buttons, expects="lines")
        transcript.add(unit, customer.conversation_id, line)


@pytest.mark.parametrize("half", [PAYLOADS[:30], PAYLOADS[30:]], ids=["1-30", "31-60"])
def test_payloads_as_product_titles(
    visit: Visit, stack: Stack, half: list[str]
) -> None:
    """All 60 as titles and options of an order: through choice, question and recap."""
    lines = [{"title": p, "options": {p[:60]: p[:90]}} for p in half]
    order = new_order(stack.house, lines=lines)
    somebody = visit(query={"order": order["order_number"]})
    somebody.open()
    somebody.say("je veux retourner des articles")
    somebody.press(order["order_number"])
    somebody.say(order["customer"]["email"])
    shown = somebody.page.locator("label.choice .title")
    expect(shown).to_have_count(len(half))
    told = [text.split("\n")[0] for text in shown.all_inner_texts()]
    assert told == [" ".join(payload.split()) for payload in half]
    for n in range(len(half)):
        somebody.page.locator("label.choice").nth(n).click()
    somebody.press("Valider 30 articles")
    somebody.say("tout est arrivé cassé, je veux être remboursé")
    while somebody.page.locator(".recap").count() == 0:
        before = somebody.answers
        somebody.page.locator(".choices button").first.click()
        somebody.wait_answer(before)
    assert somebody.page.locator(".recap li").count() == len(half)
    _nothing_ran(somebody)


def _nothing_ran(somebody: Visitor) -> None:
    assert somebody.page.evaluate(FOREIGN) == []
    assert somebody.page.evaluate("window.hits || 0") == 0


def test_payloads_in_every_field(visit: Visit) -> None:
    """All 60 in each field of each kind of message, as a desk gone mad would send."""
    messages = [one for p in PAYLOADS for one in _of_all_kinds(p)]
    for seq, message in enumerate(messages, 1):
        message.update(id=f"m{seq}", seq=seq)
    for expects, choose in OPEN_QUESTIONS:
        buttons = [
            {"id": p, "title": p, "detail": p, "image": f"/{p}"} for p in PAYLOADS
        ]
        last = {**said(PAYLOADS[0]), "expects": expects, "choose": choose}
        last.update(id="last", seq=len(messages) + 1, buttons=buttons)
        somebody = visit(query={"order": "<img src=x onerror=window.hits=1>"})
        pretend(somebody, [*messages, last])
        somebody.page.locator("#launcher").click()
        somebody.page.locator(".choices").wait_for()
        while somebody.page.locator(".earlier").count():
            somebody.page.locator(".earlier").click()
        assert somebody.page.locator(".row").count() == len(messages) + 1
        assert somebody.page.locator(".fact").count() == 2 * len(PAYLOADS)
        _nothing_ran(somebody)


def test_payloads_as_refusals_and_options(visit: Visit) -> None:
    """All 60 as the desk's reasons for a refusal, and one in each option of the tag."""
    options = {"title": PAYLOADS[3], "privacy-url": f"javascript:{RUN}"}
    somebody = visit(query={k: escape(v, quote=True) for k, v in options.items()})
    pretend(somebody, [{**said("Bonjour."), "id": "m1", "seq": 1}])
    somebody.page.locator("#launcher").click()
    somebody.messages.first.wait_for()
    heading = somebody.page.locator("h2#heading")
    expect(heading).to_have_text(PAYLOADS[3])
    assert somebody.page.locator("#panel a").count() == 0
    refusals = iter(PAYLOADS)
    cors = {"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"}

    def refuse(route: Route) -> None:
        body = json.dumps({"detail": next(refusals)})
        route.fulfill(status=422, headers=cors, body=body)

    somebody.page.route("**/chat/messages", refuse)
    for n in range(len(PAYLOADS)):
        somebody.say(f"n° {n}", answered=False)
        expect(somebody.page.locator(".state.failed")).to_have_count(n + 1)
    _nothing_ran(somebody)


def test_strict_policy(visit: Visit, stack: Stack) -> None:
    """A strict content security policy: a whole return with photo, 0 violations."""
    order = new_order(stack.house)
    somebody = visit(query={"strict": "1"})
    somebody.open()
    somebody.page.locator("#photo").set_input_files(_file("robe.jpg"))
    somebody.page.locator(".thumb.ready").wait_for()
    somebody.say("ma robe est arrivée déchirée, je veux être remboursée")
    somebody.page.locator(".pictures img").wait_for()
    somebody.identify(order)
    somebody.press("Oui")
    somebody.sees("Numéro à inscrire sur le colis")
    somebody.page.get_by_role("button", name="Imprimer").first.click()
    assert somebody.page.evaluate("window.violations") == []


def test_hostile_styles(visit: Visit) -> None:
    """A page's `!important` rules on everything reach no node of the widget."""
    plain, hostile = visit(), visit(query={"hostile": "1"})
    told = [_still(somebody) for somebody in (plain, hostile)]
    assert len(told[0]) == len(told[1]) > 30
    changed = [
        set(mine) ^ set(theirs)
        for mine, theirs in zip(*told, strict=True)
        if set(mine) != set(theirs)
    ]
    assert changed == []


def _still(somebody: Visitor) -> Any:
    """Computed styles of an open chat whose words are always the same."""
    buttons = [{"id": "b1", "title": "Oui"}, {"id": "b2", "title": "Non"}]
    asked = {"buttons": buttons, "expects": "confirmation"}
    message = {**said("Bonjour.\n• un\n• deux"), "id": "m1", "seq": 1, **asked}
    pretend(somebody, [message])
    somebody.page.emulate_media(reduced_motion="reduce")
    somebody.page.locator("#launcher").evaluate("node => node.click()")
    somebody.page.locator(".recap").wait_for()
    somebody.page.evaluate("document.activeElement.shadowRoot?.activeElement?.blur()")
    return somebody.page.evaluate(STYLES)


def _of_all_kinds(payload: str) -> list[dict[str, Any]]:
    """What customer, staff and bot say, a recap, and number and address of a parcel."""
    kinds = ("rma_number", "return_address", "label")
    facts = [{"kind": kind, "value": payload} for kind in kinds]
    lines = f"{payload} : {payload}\n• {payload}\n**{payload}**"
    return [
        {**said(payload, "customer"), "images": [payload, f"/{payload}"]},
        said(payload, "staff", payload),
        {**said(lines), "asked": "confirmation"},
        {**said(payload), "facts": facts, "images": [payload]},
    ]


def test_small_phone_with_keyboard(visit: Visit) -> None:
    """With half of a small phone covered by its keyboard, field and words are seen."""
    somebody = visit(size=PHONE)
    somebody.open()
    somebody.page.set_viewport_size({"width": 320, "height": 270})
    box = somebody.field.bounding_box()
    assert box is not None and box["y"] + box["height"] <= 270
    log = somebody.page.locator("#log").bounding_box()
    assert log is not None and log["height"] > 100


def _file(name: str) -> Any:
    return {"name": name, "mimeType": "image/jpeg", "buffer": photo(width=900)}
