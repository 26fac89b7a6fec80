"""The chat widget in Chromium, on the desk's own page that shows it, headless.

From the press of the button to the panel on the page, and to the first message (a
session has to be opened); each time in a browser context of its own, with nothing
cached. Pressed cold, as by a script, the chat's file has to come first; with a mouse it
begins to come when the pointer reaches the button, here 150 ms before the press. The
cores are shared with the product.
"""

import gzip
import shutil
from dataclasses import dataclass

from playwright.sync_api import Browser, sync_playwright

from benchmarks.tools.measurement import Measurement, spread
from benchmarks.tools.product import product
from desk.widget import built

TIMES = 20
PARTS = ("v1/chat.fr", "v1/more.fr")
PATIENCE_MS = 15_000
HAND_MS = 150
# window.opened: milliseconds from the press to the panel, to the first message.
WATCH = """() => {
  const root = document.querySelector("bonretour-chat").shadowRoot;
  const launcher = root.querySelector("#launcher");
  window.opened = new Promise((resolve) => {
    launcher.addEventListener("click", () => {
      const began = performance.now();
      let panel = 0;
      const look = () => {
        const passed = performance.now() - began;
        if (!panel && root.querySelector("#panel")) panel = passed;
        if (root.querySelector(".row")) resolve([panel, passed]);
        else requestAnimationFrame(look);
      };
      look();
    }, { capture: true });
  });
}"""
PRESS = 'document.querySelector("bonretour-chat").shadowRoot'
PRESS += '.querySelector("#launcher").click()'


@dataclass(frozen=True)
class Opening:
    """Seconds since the press."""

    panel: float
    message: float


def run() -> list[Measurement]:
    """Raises RuntimeError without a Chromium or a built widget."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise RuntimeError("no Chromium here: `apt-get install chromium`")
    with product() as stack, sync_playwright() as playwright:
        stack.wait_ready()
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox"]
        )
        url = f"{stack.url}/widget/"
        cold = [_open(browser, url, by_mouse=False) for _ in range(TIMES)]
        mouse = [_open(browser, url, by_mouse=True) for _ in range(TIMES)]
        browser.close()
    how = f"headless {chromium}, empty cache"
    by_mouse = f"{how}, pointer there {HAND_MS} ms before"
    return [
        *_sizes(),
        *spread("mouse press to panel", [o.panel for o in mouse], by_mouse),
        *spread("mouse press to first message", [o.message for o in mouse], by_mouse),
        *spread("cold press to panel", [o.panel for o in cold], how),
        *spread("cold press to first message", [o.message for o in cold], how),
    ]


def _open(browser: Browser, url: str, *, by_mouse: bool) -> Opening:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(url, wait_until="load")
    launcher = page.locator("#launcher")
    launcher.wait_for()
    page.evaluate(WATCH)
    if by_mouse:
        launcher.hover()
        page.wait_for_timeout(HAND_MS)
        page.mouse.down()
        page.mouse.up()
    else:
        page.evaluate(PRESS)
    panel, message = page.evaluate("window.opened")
    context.close()
    return Opening(panel / 1000, message / 1000)


def _sizes() -> list[Measurement]:
    """Of the longer language, French."""
    page, chat, more = (_size(f"{name}.js") for name in ("v1", *PARTS))
    sums = {
        "every page of the shop": page,
        "first opening, all that came": page + chat,
        "a whole return, all that came": page + chat + more,
        "withdrawal form": _size("withdraw/v1.js"),
    }
    return [Measurement(what, size, "kB", "gzip -9") for what, size in sums.items()]


def _size(name: str) -> float:
    """Kilobytes of 1,024."""
    file = built(name)
    if file is None:
        raise RuntimeError("the widget is not built: `make widget`")
    return len(gzip.compress(file.content, 9)) / 1024
