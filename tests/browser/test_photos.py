"""Photos: chosen, dropped, pasted; made smaller, sent, sent again, refused in words."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.visitor import PHONE, Visitor
from tests.pictures import photo

Visit = Callable[..., Visitor]
# What a screenshot or a copied picture leaves in the clipboard.
COPY = """async (content) => {
  const bytes = Uint8Array.from(atob(content), (byte) => byte.charCodeAt(0));
  const blob = new Blob([bytes], { type: "image/png" });
  await navigator.clipboard.write([new ClipboardItem({ "image/png": blob })]);
}"""


def test_photos(visit: Visit) -> None:
    """A photo is made smaller, sent and shown; other files are refused in words."""
    somebody = visit(size=PHONE)
    somebody.open()
    choose = somebody.page.locator("#photo")
    choose.set_input_files(_file("contrat.pdf", b"%PDF-1.7", "application/pdf"))
    expect(somebody.panel.get_by_role("alert")).to_contain_text("JPEG, PNG ou WebP")
    choose.set_input_files(_file("abime.jpg", b"\xff\xd8nothing", "image/jpeg"))
    expect(somebody.panel.get_by_role("alert")).to_contain_text("ne s’ouvre pas")
    choose.set_input_files(_file("robe.png", photo("PNG", width=3000), "image/png"))
    somebody.page.locator(".thumb.ready").wait_for()
    somebody.check("phone-photo")
    with somebody.page.expect_request("**/chat/messages") as sent:
        somebody.say("ma robe est arrivée déchirée, voici la photo")
    assert len(sent.value.post_data_json["upload_ids"]) == 1
    somebody.reload()
    somebody.open()
    picture = somebody.page.locator(".pictures img")
    picture.wait_for()
    assert picture.evaluate("node => node.naturalWidth") <= 1600


def test_photo_sent_again(visit: Visit) -> None:
    """An upload that fails can be sent again or taken away."""
    somebody = visit()
    somebody.open()
    somebody.page.route("**/chat/uploads", lambda route: route.abort())
    choose = somebody.page.locator("#photo")
    choose.set_input_files(_file("robe.jpg", photo(width=300), "image/jpeg"))
    somebody.page.locator(".thumb.failed").wait_for()
    somebody.check()
    somebody.page.unroute("**/chat/uploads")
    somebody.panel.get_by_role("button", name="Réessayer").click()
    somebody.page.locator(".thumb.ready").wait_for()
    somebody.panel.get_by_role("button", name="Retirer la photo").click()
    assert somebody.page.locator(".thumb").count() == 0


def test_photo_dropped(visit: Visit, tmp_path: Path) -> None:
    """A file dragged over the chat: it says where to drop it, and sends it."""
    somebody = visit()
    somebody.open()
    file = tmp_path / "robe.jpg"
    file.write_bytes(photo(width=900))
    _drag(somebody, "dragEnter", file)
    _drag(somebody, "dragOver", file)
    zone = somebody.panel.get_by_text("Déposez votre photo ici")
    expect(zone).to_be_visible()
    somebody.check("desktop-drop")
    _drag(somebody, "drop", file)
    somebody.page.locator(".thumb.ready").wait_for()
    expect(zone).to_have_count(0)
    with somebody.page.expect_request("**/chat/messages") as sent:
        somebody.panel.get_by_role("button", name="Envoyer").click()
    assert len(sent.value.post_data_json["upload_ids"]) == 1
    somebody.page.locator(".row.customer .pictures img").wait_for()
    assert somebody.page.url == somebody.address, "the page went to the dropped file"


def test_dragged_past(visit: Visit, tmp_path: Path) -> None:
    """Leaving the chat again drops nothing; a file of another kind is refused."""
    somebody = visit()
    somebody.open()
    file = tmp_path / "contrat.pdf"
    file.write_bytes(b"%PDF-1.7")
    _drag(somebody, "dragEnter", file)
    _drag(somebody, "dragOver", file)
    zone = somebody.page.locator(".dropzone")
    expect(zone).to_be_visible()
    _drag(somebody, "dragOver", file, at=(60, 60))
    expect(zone).to_have_count(0)
    _drag(somebody, "dragOver", file)
    _drag(somebody, "drop", file)
    expect(somebody.panel.get_by_role("alert")).to_contain_text("JPEG, PNG ou WebP")
    assert somebody.page.locator(".thumb").count() == 0


def test_photo_pasted(visit: Visit) -> None:
    """A picture in the clipboard goes along by Ctrl+V; pasted words stay words."""
    somebody = visit()
    allowed = ["clipboard-read", "clipboard-write"]
    somebody.context.grant_permissions(allowed)
    somebody.open()
    content = base64.b64encode(photo("PNG", width=900)).decode()
    somebody.page.evaluate(COPY, content)
    somebody.field.focus()
    somebody.page.keyboard.press("Control+V")
    somebody.page.locator(".thumb.ready").wait_for()
    somebody.page.evaluate("navigator.clipboard.writeText('ma robe est déchirée')")
    somebody.page.keyboard.press("Control+V")
    expect(somebody.field).to_have_value("ma robe est déchirée")
    assert somebody.page.locator(".thumb").count() == 1
    with somebody.page.expect_request("**/chat/messages") as sent:
        somebody.page.keyboard.press("Enter")
    body = sent.value.post_data_json
    assert len(body["upload_ids"]) == 1 and body["text"] == "ma robe est déchirée"


def test_four_photos_at_most(visit: Visit) -> None:
    """A fifth photo is refused in words, and the four go on."""
    somebody = visit()
    somebody.open()
    files = [_file(f"{n}.jpg", photo(width=60 + n), "image/jpeg") for n in range(5)]
    somebody.page.locator("#photo").set_input_files(files)
    expect(somebody.panel.get_by_role("alert")).to_contain_text("Quatre photos")
    expect(somebody.page.locator(".thumb.ready")).to_have_count(4)


def _drag(
    somebody: Visitor, kind: str, file: Path, at: tuple[int, int] | None = None
) -> None:
    """As the operating system does it, a file in hand; at: else over the chat."""
    box = somebody.panel.bounding_box()
    assert box is not None
    x, y = at or (box["x"] + 150, box["y"] + 250)
    data = {"items": [], "files": [str(file)], "dragOperationsMask": 1}
    session = somebody.context.new_cdp_session(somebody.page)
    told = {"type": kind, "x": x, "y": y, "data": data}
    session.send("Input.dispatchDragEvent", told)
    session.detach()


def _file(name: str, content: bytes, kind: str) -> Any:
    return {"name": name, "mimeType": kind, "buffer": content}
