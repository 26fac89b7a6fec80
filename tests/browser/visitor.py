"""Somebody in a browser on the shop's page, and what a test can see of them."""

from __future__ import annotations

import json
import re
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from returns.settings import ROOT
from tests.stack import Stack

PHONE = (390, 844)
SMALL = (320, 568)
DESKTOP = (1280, 800)
PATIENCE_MS = 45_000
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
# Nodes that a finger should hit; links inside sentences may be small.
# A panel that is still fading in has no colours of its own yet.
AT_REST = """async () => {
  const roots = [document];
  for (const node of document.querySelectorAll("*"))
    if (node.shadowRoot) roots.push(node.shadowRoot);
  const moving = roots.flatMap((root) => root.getAnimations());
  const ending = moving.filter((one) => one.effect.getComputedTiming().endTime < 1e9);
  await Promise.allSettled(ending.map((one) => one.finished));
}"""
SMALL_TARGETS = """() => {
  const root = document.querySelector("bonretour-chat").shadowRoot;
  return [...root.querySelectorAll("button, a:not(.link), label, textarea")]
    .map((node) => [node, node.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < 43.9 || box.height < 43.9))
    .map(([node, box]) => `${node.outerHTML.slice(0, 90)} ${box.width}x${box.height}`);
}"""
SPY = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
window.told = [];
for (const name of ["ready", "open", "close", "message", "unread", "mode"])
  document.addEventListener("bonretour:" + name, (event) =>
    window.told.push([name, event.detail]));
"""


class Visitor:
    """lang and options: of the widget's tag. kind: strict, hostile or nostore pages."""

    def __init__(
        self,
        browser: Browser,
        shop: str,
        stack: Stack,
        images: Path | None,
        *,
        size: tuple[int, int] = DESKTOP,
        lang: str = "fr",
        query: dict[str, str] | None = None,
        **context: Any,
    ) -> None:
        self._images = images
        self.stack, self.lang = stack, lang
        self.address = f"{shop}/?{urlencode({'lang': lang, **(query or {})})}"
        self.origins = (shop, stack.url, "blob:", "data:", "about:")
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        self.asked: list[str] = []
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=size[0] < 500,
            device_scale_factor=2 if images and size[0] < 500 else 1,
            locale={"fr": "fr-FR", "en": "en-GB"}[lang],
            **context,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_init_script(SPY)
        self.page = self.tab()

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("request", lambda request: self._note(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(self.address)
        page.locator("#launcher").wait_for(state="attached")
        return page

    def _note(self, url: str) -> None:
        self.asked.append(url)
        if not url.startswith(self.origins):
            self.elsewhere.append(url)

    def leave(self) -> None:
        self.context.close()

    # ------------------------------------------------------------ what they do

    def open(self) -> Visitor:
        self.page.locator("#launcher").click()
        self.messages.first.wait_for()
        return self

    def say(self, text: str, answered: bool = True) -> None:
        before = self.answers
        self.field.fill(text)
        self.field.press("Enter")
        if answered:
            self.wait_answer(before)

    def press(self, *titles: str) -> None:
        before = self.answers
        self.choice(titles[0]).click()
        self.wait_answer(before)

    def wait_answer(self, before: int) -> None:
        """Until the desk has said more, and is not writing any more."""
        said = self.page.locator(".row.bot, .row.staff")
        expect(said.nth(before)).to_be_attached(timeout=PATIENCE_MS)
        expect(self.page.locator(".typing")).to_have_count(0, timeout=PATIENCE_MS)
        expect(self.page.locator(".state")).to_have_count(0, timeout=PATIENCE_MS)

    def identify(self, order: dict[str, Any]) -> None:
        self.say(order["order_number"])
        self.say(order["customer"]["email"])

    def reload(self) -> None:
        self.page.reload()
        self.page.locator("#launcher").wait_for(state="attached")

    def be(self, token: str) -> None:
        """Go on with a conversation that was begun over the API."""
        kept = json.dumps(token)
        script = f"localStorage.setItem('bonretour:token', JSON.stringify({kept}))"
        self.page.evaluate(script)
        self.reload()

    # ------------------------------------------------------------ what they see

    @property
    def field(self) -> Locator:
        return self.page.get_by_role("textbox")

    @property
    def panel(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".row")

    @property
    def answers(self) -> int:
        return self.page.locator(".row.bot, .row.staff").count()

    def choice(self, title: str) -> Locator:
        return self.page.locator(".choices").get_by_role(
            "button", name=re.compile(re.escape(title))
        )

    def sees(self, words: str) -> Locator:
        found = self.page.locator("#panel").get_by_text(words).last
        found.wait_for()
        return found

    def mine(self, text: str) -> int:
        """How often this message of the customer's is shown."""
        return self.page.locator(".row.customer").filter(has_text=text).count()

    def focused(self) -> str:
        """id or class of the focused node inside the widget."""
        return str(
            self.page.evaluate(
                """() => {
          const { shadowRoot } = document.querySelector("bonretour-chat");
          const node = shadowRoot.activeElement;
          return node ? node.id || node.className : document.activeElement.tagName;
        }"""
            )
        )

    # ------------------------------------------------------------ what is checked

    def audit(self) -> list[str]:
        """axe's violations of WCAG 2.2 A and AA on the page as it is now."""
        self.page.evaluate(AT_REST)
        self.page.evaluate(axe())
        found = self.page.evaluate(
            "(tags) => axe.run({runOnly: tags}).then((told) => told.violations)", WCAG
        )
        return [
            f"{rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]

    def check(self, picture: str | None = None) -> None:
        """A state of the widget: no violation, no small target; and its picture."""
        assert self.audit() == []
        assert self.page.evaluate(SMALL_TARGETS) == []
        assert (
            self.page.evaluate("document.documentElement.scrollWidth")
            <= (self.page.viewport_size or {"width": 0})["width"]
        )
        if picture and self._images:
            save(self.page.screenshot(), self._images / f"widget-{picture}.png")


def save(content: bytes, path: Path) -> None:
    """Few colours: a picture for a page of text, not for a museum."""
    with Image.open(BytesIO(content)) as picture:
        picture.convert("RGB").quantize(96).save(path, optimize=True)


@cache
def axe() -> str:
    return (ROOT / "widget/node_modules/axe-core/axe.min.js").read_text("utf-8")
