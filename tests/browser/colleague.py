"""Somebody of the team in a browser at the console, and what a test can see of them."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

from desk.console.accounts import Member, Role
from tests.browser.visitor import AT_REST, DESKTOP, SPY, WCAG, axe, save
from tests.console_staff import PASSWORD, employed, fresh_code
from tests.stack import Stack

PATIENCE_MS = 45_000
UNSAFE = """() => [...document.querySelectorAll("*")].filter((node) =>
  [...node.attributes].some((one) => /^on/i.test(one.name)) ||
  (node.href && !/^(https?:|)$/.test(new URL(node.href, location).protocol)) ||
  (node.tagName === "SCRIPT" && !node.src.startsWith(location.origin)) ||
  ["IFRAME", "OBJECT", "EMBED", "BASE", "VIDEO", "AUDIO"].includes(node.tagName)
).map((node) => node.outerHTML.slice(0, 120))"""


class Colleague:
    """Signs in by the form. images: where pictures go, None: none are taken."""

    def __init__(
        self,
        browser: Browser,
        stack: Stack,
        images: Path | None,
        *,
        name: str = "Inès",
        role: Role = Role.ADMIN,
        language: str = "fr",
        size: tuple[int, int] = DESKTOP,
    ) -> None:
        self.stack, self._images = stack, images
        self.member: Member = employed(stack.house, name, role)
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self.context = browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            device_scale_factor=2 if images and size[0] < 500 else 1,
            locale={"fr": "fr-FR", "en": "en-GB"}[language],
            accept_downloads=True,
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_init_script(SPY)
        self.page = self.tab()
        self._sign_in(language)

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self._hear(said.type, said.text))
        page.on("request", lambda request: self._note(request.url))
        return page

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error" and "Content Security Policy" in text:
            self.errors.append(text)

    def _note(self, url: str) -> None:
        if not url.startswith((self.stack.url, "data:", "blob:")):
            self.elsewhere.append(url)

    def _sign_in(self, language: str) -> None:
        self.open("/console/conversations")
        self.page.locator("input[name=email]:focus").wait_for()
        code = fresh_code(self.stack.house, self.member)
        self.keys(self.member.email, "Tab", PASSWORD, "Enter")
        if code is not None:
            self.page.wait_for_url("**/console/second-factor")
            self.page.locator("input[name=code]").fill(code)
            self.keys("Enter")
            self.page.locator("main a[href='/console/conversations']").click()
        self.page.wait_for_url("**/console/conversations")
        shown = self.page.locator("html").get_attribute("lang")
        if shown != language:
            self.page.locator(f"button[lang={language}]").click()
            self.page.locator(f"html[lang={language}]").wait_for()

    # ------------------------------------------------------------ what they do

    def open(self, path: str) -> Colleague:
        self.page.goto(f"{self.stack.url}{path}")
        return self

    def keys(self, *pressed: str) -> None:
        """Names of keys, single signs, or texts to type."""
        for one in pressed:
            named = one in ("Enter", "Tab", "Escape", "Shift+Tab", "Control+Enter")
            if named or len(one) == 1:
                self.page.keyboard.press(one)
            else:
                self.page.keyboard.type(one)

    def talk(self, conversation_id: str) -> Colleague:
        return self.open(f"/console/conversations/{conversation_id}")

    def leave(self) -> None:
        self.context.close()

    # ------------------------------------------------------------ what is checked

    def check(self, picture: str | None = None) -> None:
        """A state of a page: no violation of WCAG A/AA or CSP, nothing cut off."""
        self.page.evaluate(AT_REST)
        self.page.evaluate(axe())
        # How far the page is scrolled is chance: the bar may half cover a link.
        stood = self.page.evaluate("scrollY")
        self.page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
        found = self.page.evaluate(
            "(tags) => axe.run({runOnly: tags}).then((told) => told.violations)", WCAG
        )
        told = [
            f"{rule['id']}: {node['target']} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]
        assert told == [], self.page.url
        self.page.evaluate("(top) => scrollTo({top, behavior: 'instant'})", stood)
        self.must_be_clean()
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= (self.page.viewport_size or {"width": 0})["width"], self.page.url
        if picture and self._images:
            save(self.page.screenshot(), self._images / f"console-{picture}.png")

    def must_be_clean(self) -> None:
        assert self.page.evaluate("window.violations") == [], self.page.url
        assert self.page.evaluate("window.hits || 0") == 0, self.page.url
        assert self.page.evaluate(UNSAFE) == [], self.page.url
