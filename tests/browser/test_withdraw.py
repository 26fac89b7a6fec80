"""The way out of the contract and the demo shop, as people meet them in a browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from returns.services import views
from tests.browser.conftest import IMAGES
from tests.browser.payloads import PAYLOADS
from tests.browser.visitor import DESKTOP, PHONE, SMALL, WCAG, axe
from tests.faults.journeys import eventually
from tests.orders import new_order
from tests.stack import Stack

SIZES = {"desktop": DESKTOP, "phone": PHONE, "small": SMALL}
SPY = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""
WORDS = {
    "fr": {
        "open": "Renoncer au contrat ici",
        "name": "Nom et prénom",
        "order": "Numéro de commande",
        "articles": "Articles concernés (facultatif)",
        "email": "Adresse e-mail",
        "go_on": "Continuer",
        "confirm": "Confirmer la rétractation",
        "change": "Modifier",
        "done": "Nous avons bien reçu votre rétractation",
    },
    "en": {
        "open": "Withdraw from contract here",
        "name": "First and last name",
        "order": "Order number",
        "articles": "Items concerned (optional)",
        "email": "E-mail address",
        "go_on": "Continue",
        "confirm": "Confirm withdrawal",
        "change": "Change",
        "done": "We have received your withdrawal",
    },
}
STEPS, SHOWN = ("form", "check", "done"), ("home", "products-lum-02", "orders-fr-1043")
DEMO = ["/", "/demo/products/LUM-02", "/demo/orders", "/demo/orders/FR-1043"]
PICTURES = {
    *(f"withdraw-{size}-fr-{step}" for size in ("desktop", "phone") for step in STEPS),
    *(f"shop-{size}-{page}" for size in ("desktop", "phone") for page in SHOWN),
}
OVERFLOWS = (
    "document.documentElement.scrollWidth > document.documentElement.clientWidth"
)
SMALL_TARGETS = """() => [...document.querySelectorAll(
  "button, input:not([type=hidden]), textarea, nav a, .main, .quiet")]
  .map((node) => [node.outerHTML.slice(0, 80), node.getBoundingClientRect().height])
  .filter(([, height]) => height && height < 43.9)"""
# How every node inside the component looks.
LOOKS = """() => [...document.querySelector("bonretour-withdraw").shadowRoot
  .querySelectorAll(".root *")].map((node) => {
    const style = getComputedStyle(node);
    return ["color", "fontSize", "letterSpacing", "lineHeight", "textTransform",
      "float", "direction", "textIndent", "visibility", "paddingTop", "borderTopWidth"]
      .map((name) => style[name]).join();
  })"""
EMBED = """([desk, lang, order]) => {
  const element = document.createElement("bonretour-withdraw");
  element.setAttribute("order", order);
  document.querySelector("main").append(element);
  const script = document.createElement("script");
  script.src = `${desk}/widget/withdraw/v1.js`;
  script.dataset.lang = lang;
  document.head.append(script);
}"""


class Somebody:
    """Before a page of the desk or of a shop."""

    def __init__(self, context: BrowserContext, desk: str, images: Path | None) -> None:
        context.add_init_script(SPY)
        context.set_default_timeout(45_000)
        self._images = images
        self.desk = desk
        self.page: Page = context.new_page()
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))

    def audit(self) -> list[str]:
        self.page.evaluate(axe())
        found = self.page.evaluate(
            "(tags) => axe.run({runOnly: tags}).then((told) => told.violations)", WCAG
        )
        return [f"{r['id']}: {n['target']}" for r in found for n in r["nodes"]]

    def check(self, picture: str | None = None) -> None:
        """WCAG 2.2 A and AA, nothing wider than the window, targets for fingers."""
        assert self.audit() == []
        assert not self.page.evaluate(OVERFLOWS)
        assert self.page.evaluate(SMALL_TARGETS) == []
        if picture in PICTURES and self._images:
            self._images.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=self._images / f"{picture}.png")


@pytest.fixture
def meet(
    browser: Browser, stack: Stack, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Somebody]]:
    """People; no page of theirs broke its own policy or asked anybody else."""
    contexts: list[BrowserContext] = []
    met: list[Somebody] = []
    images = IMAGES if request.config.getoption("--pictures") else None

    def make(size: str = "desktop", **options: Any) -> Somebody:
        width, height = SIZES[size]
        viewport = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=viewport, **options))  # type: ignore[arg-type]
        met.append(Somebody(contexts[-1], stack.url, images))
        return met[-1]

    yield make
    for one in met:
        own = (stack.url, "http://127.0.0.1", "blob:", "data:")
        assert [url for url in one.asked if not url.startswith(own)] == []
        if not one.page.is_closed():
            assert one.page.evaluate("[window.violations || [], window.hits || 0]") in (
                [[], 0],
            )
    for context in contexts:
        context.close()


def fill(scope: Page | Locator, lang: str, **typed: str) -> None:
    for field, text in typed.items():
        scope.get_by_label(WORDS[lang][field]).fill(text)


def proof(order: dict[str, Any]) -> dict[str, str]:
    return {"order": order["order_number"], "email": order["customer"]["email"]}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("lang", WORDS)
def test_the_page_in_every_state(
    meet: Callable[..., Somebody], stack: Stack, lang: str, size: str
) -> None:
    """Empty, with mistakes, second step, receipt: axe finds nothing."""
    order, words, dark = new_order(stack.house), WORDS[lang], lang == "en"
    one = meet(size, color_scheme="dark" if dark else "light")
    page, named = one.page, f"withdraw-{size}-{lang}"
    page.goto(f"{one.desk}/withdraw?lang={lang}")
    one.check(f"{named}-form")
    page.get_by_role("button", name=words["go_on"]).click()
    expect(page.get_by_label(words["name"])).to_be_focused()
    one.check()
    fill(page, lang, name="Alex Martin", **proof(order))
    page.get_by_role("button", name=words["go_on"]).click()
    page.get_by_role("button", name=words["confirm"]).wait_for()
    one.check(f"{named}-check")
    page.get_by_role("button", name=words["confirm"]).click()
    page.get_by_role("heading", name=words["done"]).wait_for()
    one.check(f"{named}-done")


def test_by_keyboard_alone_and_without_scripts(
    meet: Callable[..., Somebody], stack: Stack
) -> None:
    """From the first Tab to the receipt, and to a return."""
    order = new_order(stack.house)
    one = meet("small", java_script_enabled=False)
    page, keys = one.page, one.page.keyboard
    page.goto(f"{one.desk}/withdraw?lang=fr")
    typed = ["", "Alex Martin", order["order_number"], "", order["customer"]["email"]]
    for text in typed:
        keys.press("Tab")
        keys.type(text)
    keys.press("Enter")
    confirm = page.get_by_role("button", name=WORDS["fr"]["confirm"])
    confirm.wait_for()
    for _ in range(9):
        keys.press("Tab")
        if page.locator(":focus").inner_text() == WORDS["fr"]["confirm"]:
            break
    keys.press("Enter")
    page.get_by_role("heading", name=WORDS["fr"]["done"]).wait_for()
    number = order["order_number"]
    eventually(lambda: views.all_returns(stack.house, number), "a return")
    page.close()


def test_payloads_in_every_field_of_the_page(meet: Callable[..., Somebody]) -> None:
    """Shown as text, in the form, the second step and the receipt."""
    one = meet()
    page = one.page
    for n, payload in enumerate(PAYLOADS):
        page.goto(f"{one.desk}/withdraw?lang=fr")
        nodes = (
            "document.querySelectorAll('script, img, svg, iframe, a[href^=j]').length"
        )
        assert page.evaluate(nodes) == 0
        typed = dict.fromkeys(("name", "order", "articles"), f"x{payload}")
        fill(page, "fr", **typed, email="x@example.com" if n % 2 else payload)
        page.get_by_role("button", name=WORDS["fr"]["go_on"]).click()
        if n % 2 and n < 9:
            page.get_by_role("button", name=WORDS["fr"]["confirm"]).click()
        assert page.evaluate(nodes) == 0
        assert page.evaluate("[window.hits || 0, window.violations]") == [0, []]


@pytest.mark.parametrize("lang", WORDS)
def test_the_component_on_a_shops_page(
    meet: Callable[..., Somebody], shop: str, stack: Stack, lang: str
) -> None:
    """Under the shop's strict policy, by keyboard, to a return; focus goes along."""
    order, words = new_order(stack.house), WORDS[lang]
    one = meet("phone" if lang == "fr" else "desktop")
    page, keys = one.page, one.page.keyboard
    page.goto(f"{shop}/?strict=1&lang={lang}")
    page.evaluate(EMBED, [one.desk, lang, order["order_number"]])
    opener = page.get_by_role("button", name=words["open"])
    opener.wait_for()
    assert not any("/withdraw" in url for url in one.asked if "v1.js" not in url)
    opener.press(" ")
    element = page.locator("bonretour-withdraw")
    expect(element.get_by_role("heading", name=words["open"])).to_be_focused()
    assert one.audit() == []
    element.get_by_role("button", name=words["go_on"]).press("Enter")
    expect(element.get_by_label(words["name"])).to_be_focused()
    assert one.audit() == []
    keys.type("Alex <b>Martin</b>")
    expect(element.get_by_label(words["order"])).to_have_value(order["order_number"])
    fill(element, lang, email=order["customer"]["email"])
    keys.press("Enter")
    element.get_by_role("button", name=words["confirm"]).wait_for()
    assert one.audit() == []
    element.get_by_role("button", name=words["change"]).press("Enter")
    expect(element.get_by_label(words["name"])).to_have_value("Alex <b>Martin</b>")
    element.get_by_role("button", name=words["go_on"]).press("Enter")
    element.get_by_role("button", name=words["confirm"]).press("Enter")
    expect(element.get_by_role("heading", name=words["done"])).to_be_focused()
    assert one.audit() == [] and element.locator("b").count() == 0
    keys.press("Escape")
    expect(opener).to_be_focused()
    number = order["order_number"]
    eventually(lambda: views.all_returns(stack.house, number), "a return")


def test_a_hostile_page_changes_nothing_in_the_component(
    meet: Callable[..., Somebody], shop: str
) -> None:
    """Its rules stop at the door: every node looks as on a friendly page."""
    looks = []
    for query in ("", "&hostile=1"):
        one = meet("phone")
        one.page.goto(f"{shop}/?lang=fr{query}")
        one.page.evaluate(EMBED, [one.desk, "fr", "FR-1"])
        link = one.page.locator("bonretour-withdraw a[role=button]")
        link.wait_for(state="attached")
        link.evaluate("(node) => node.click()")
        form = one.page.locator("bonretour-withdraw form")
        form.wait_for(state="attached")
        looks.append(one.page.evaluate(LOOKS))
    assert looks[0] == looks[1] and len(looks[0]) > 20


def test_a_lost_answer_is_no_second_statement(
    meet: Callable[..., Somebody], shop: str, stack: Stack
) -> None:
    """The connection breaks after the desk has heard it; pressed again, it is one."""
    order = new_order(stack.house)
    one = meet()
    one.page.goto(f"{shop}/?lang=fr")
    one.page.evaluate(EMBED, [one.desk, "fr", order["order_number"]])
    element = one.page.locator("bonretour-withdraw")
    one.page.get_by_role("button", name=WORDS["fr"]["open"]).click()
    fill(element, "fr", name="Alex", email=order["customer"]["email"])
    element.get_by_role("button", name=WORDS["fr"]["go_on"]).click()

    def lose(route: Any) -> None:
        route.fetch()
        route.abort()

    one.page.route("**/withdraw/statements", lose, times=1)
    element.get_by_role("button", name=WORDS["fr"]["confirm"]).click()
    element.get_by_role("alert").wait_for()
    element.get_by_role("button", name=WORDS["fr"]["confirm"]).click()
    element.get_by_role("heading", name=WORDS["fr"]["done"]).wait_for()
    mine = order["customer"]["email"]

    def receipts() -> list[str]:
        mails = [mail for mail in stack.sandbox.mails() if mail["to"] == mine]
        return [m["subject"] for m in mails if "W-" in m["subject"]]

    assert len(eventually(receipts, "the mail")) == 1


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("path", DEMO)
def test_the_demo_shop(meet: Callable[..., Somebody], path: str, size: str) -> None:
    """Every kind of page, with the chat's launcher on it: axe finds nothing."""
    one = meet(size)
    lang = "en" if size == "phone" else "fr"
    one.page.goto(f"{one.desk}{path}?lang={lang}")
    one.page.locator("#launcher").wait_for()
    name = path.removeprefix("/demo").strip("/").replace("/", "-").lower() or "home"
    one.check(f"shop-{size}-{name}")


def test_an_order_of_the_demo_shop_is_talked_about(
    meet: Callable[..., Somebody],
) -> None:
    """The sentence to try, said in the chat of the page, leads to its recap."""
    one = meet()
    page = one.page
    page.goto(f"{one.desk}/demo/orders/FR-1042?lang=fr")
    said = page.locator("blockquote").inner_text()
    number, email = page.locator(".keys code").all_inner_texts()
    page.locator("#launcher").click()
    field = page.locator("bonretour-chat").get_by_role("textbox")
    for text in (said, f"{number} {email}"):
        field.fill(text)
        field.press("Enter")
        expect(page.locator(".row.customer").last).to_contain_text(text[:8])
        expect(page.locator(".typing")).to_have_count(0, timeout=45_000)
    panel = page.locator("#panel")
    expect(panel.get_by_text("Robe en lin Solène").last).to_be_visible(timeout=45_000)
    page.close()
