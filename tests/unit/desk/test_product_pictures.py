"""Product pictures: copied at import, carefully; shown to who proved the order."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from cli import data
from returns import repository
from returns.errors import NotFound, PartnerError, PartnerUnknown
from returns.gateways import pictures
from returns.services import product_pictures
from returns.services.product_pictures import SIDE, copy_missing, of_conversation
from returns.tables import grants
from returns.unit import writing
from tests.desks import WebClient
from tests.houses import TestHouse
from tests.orders import new_order
from tests.pictures import CANARY, SVG, photo

URL = "https://cdn.example.com/robe.jpg"
BIG = 900


@pytest.fixture
def server() -> Iterator[str]:
    """Gives a picture, a redirect, a page, and more than anybody wants."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert "Authorization" not in self.headers
            assert "Cookie" not in self.headers
            status, content = {
                "/good.jpg": (200, photo()),
                "/away": (302, b""),
                "/endless": (200, b"x" * (pictures.MOST_BYTES + 70_000)),
            }.get(self.path, (404, b""))
            self.send_response(status)
            self.send_header("Location", "/good.jpg")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: object) -> None:
            """Quiet."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_port}"
    running.shutdown()
    running.server_close()
    thread.join()


def image_of(house: TestHouse, number: str) -> str | None:
    with house.reader.connect() as connection:
        return repository.get_order(connection, number).lines[0].image


def prove(house: TestHouse, conversation_id: str, number: str) -> None:
    """As the identity service does when number and e-mail match."""
    with writing(house) as unit:
        moments = {"granted_at": unit.now, "last_used_at": unit.now}
        unit.connection.execute(
            grants.insert().values(
                conversation_id=conversation_id, order_number=number, level=1, **moments
            )
        )


def test_copied_once_and_made_small(any_house: TestHouse, tmp_path: Path) -> None:
    """Two lines of one picture: one download, one small file without its notes."""
    house = any_house
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        return photo(width=BIG, comment=CANARY)

    orders = [new_order(house, lines=[{"image": URL}]) for _ in range(2)]
    assert copy_missing(house, tmp_path, fetch).count == 1
    assert copy_missing(house, tmp_path, fetch).count == 0
    assert asked == [URL]
    shown = {image_of(house, order["order_number"]) for order in orders}
    assert len(shown) == 1
    [file] = (house.settings.var / "products").iterdir()
    assert shown == {f"/chat/pictures/{file.stem}"}
    with Image.open(BytesIO(file.read_bytes())) as picture:
        assert picture.size == (SIDE, SIDE // 2)
        assert picture.format == "JPEG"
    assert CANARY not in file.read_bytes()


def test_product_has_the_picture(house: TestHouse, tmp_path: Path) -> None:
    """A line without a picture shows its product's, as Shopify's files need."""
    file = tmp_path / "products.csv"
    file.write_text(
        "Handle,Title,Vendor,Option1 Name,Option1 Value,Variant Price,Image Src\n"
        f"robe,Robe,Nordlys Apparel,Taille,38,59.90,\nrobe,,,,,,{URL}\n"
    )
    data.IMPORTERS["products"](house.engine, house.shop, file, house.clock.now())
    order = new_order(house, lines=[{"product_id": "robe"}])
    assert image_of(house, order["order_number"]) is None
    assert copy_missing(house, tmp_path, lambda _url: photo()).count == 1
    shown = image_of(house, order["order_number"])
    assert shown is not None and shown.startswith("/chat/pictures/")


def test_files_beside_the_import(house: TestHouse, tmp_path: Path) -> None:
    """A local picture is read beside the file; what lies elsewhere is not touched."""
    folder = tmp_path / "given"
    (folder / "photos").mkdir(parents=True)
    (folder / "photos/robe.png").write_bytes(photo("PNG"))
    (tmp_path / "secret.jpg").write_bytes(photo())
    (folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    sources = ["photos/robe.png", "../secret.jpg", "link.jpg", "/etc/hostname", "gone"]
    new_order(house, lines=[{"image": source} for source in sources])
    copied = copy_missing(house, folder)
    assert copied.count == 1
    assert dict(copied.problems) == {
        "../secret.jpg": "outside_the_folder",
        "link.jpg": "outside_the_folder",
        "/etc/hostname": "outside_the_folder",
        "gone": "No such file or directory",
    }


def test_what_fails_is_noted_and_tried_a_day_later(
    house: TestHouse, tmp_path: Path
) -> None:
    """No picture fails an import; a dead host is not asked for each of its pictures."""
    asked: list[str] = []

    def fetch(url: str) -> bytes:
        asked.append(url)
        raise PartnerUnknown("timeout")

    new_order(house, lines=[{"image": f"{URL}?{n}"} for n in range(30)])
    assert len(copy_missing(house, tmp_path, fetch).problems) == 30
    assert len(asked) < 30 // 2
    assert copy_missing(house, tmp_path, fetch).problems == []
    house.clock.move(days=1, minutes=1)
    assert copy_missing(house, tmp_path, lambda _url: photo()).count == 30


def test_no_picture_at_all(house: TestHouse, tmp_path: Path) -> None:
    """An SVG or a page behind an address of a picture is refused as any upload is."""
    new_order(house, lines=[{"image": URL}])
    copied = copy_missing(house, tmp_path, lambda _url: SVG)
    assert copied.problems == [(URL, "other_kind")]


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://cdn.example.com/a.jpg", "invalid_address"),
        ("file:///etc/hostname", "invalid_address"),
        ("https://user:pass@cdn.example.com/a.jpg", "invalid_address"),
        ("https://cdn.example.com:port/a.jpg", "invalid_address"),
        ("https://[::1/a.jpg", "invalid_address"),
        ("https://127.0.0.1/a.jpg", "private_address"),
        ("https://localhost/a.jpg", "private_address"),
        ("https://169.254.169.254/latest/meta-data", "private_address"),
        ("https://[::ffff:10.0.0.1]/a.jpg", "private_address"),
    ],
)
def test_only_public_https(url: str, reason: str) -> None:
    """An import file can point the desk at no private address and no other scheme."""
    with pytest.raises(PartnerError) as refused:
        pictures.fetch(url)
    assert refused.value.reason == reason


def test_downloads_are_bounded(server: str) -> None:
    """A picture comes; a redirect is not followed, and too much is not read."""
    assert pictures.fetch(f"{server}/good.jpg", allow_private=True) == photo()
    for path, reason in (
        ("away", "http_302"),
        ("gone", "http_404"),
        ("endless", "too_big"),
    ):
        with pytest.raises(PartnerError) as refused:
            pictures.fetch(f"{server}/{path}", allow_private=True)
        assert refused.value.reason == reason


def test_only_for_who_proved_the_order(
    house: TestHouse, talk: str, tmp_path: Path
) -> None:
    """Not for another conversation, nor of another order, nor after the proof ended."""
    mine, other = (
        new_order(house, lines=[{"image": f"{URL}?{n}"}])["order_number"] for n in "ab"
    )
    contents = {f"{URL}?a": photo(), f"{URL}?b": photo(width=20)}
    copy_missing(house, tmp_path, contents.__getitem__)
    names = [str(image_of(house, n)).rpartition("/")[2] for n in (mine, other)]
    prove(house, talk, mine)
    assert of_conversation(house, talk, names[0]).startswith(b"\xff\xd8")
    refused = [(talk, names[1]), ("another", names[0]), (talk, "../../secrets/private")]
    for conversation_id, name in refused:
        with pytest.raises(NotFound):
            of_conversation(house, conversation_id, name)
    house.clock.move(hours=1)
    with pytest.raises(NotFound):
        of_conversation(house, talk, names[0])


def test_every_demo_product_is_drawn() -> None:
    """The demo's lines show the demo's drawings, by their path of the desk."""
    from desk.demo.pictures import drawn

    for product_id in drawn():
        path = f"/demo/pictures/{product_id}.svg"
        assert repository.picture_path(path, None) == path
    for strange in ("/demo/pictures/../x.svg", "/chat/messages", "//evil/a.svg"):
        assert repository.picture_path(strange, None) is None
    assert product_pictures.ADDRESS.match("https://a") is not None


def test_over_the_chat_api(client: WebClient, house: TestHouse, tmp_path: Path) -> None:
    """With the Bearer header of the conversation that proved the order, or not."""
    opened = client.post("/chat/sessions", json={"language": "fr"}).json()
    number = new_order(house, lines=[{"image": URL}])["order_number"]
    copy_missing(house, tmp_path, lambda _url: photo())
    path = str(image_of(house, number))
    headers = {"Authorization": f"Bearer {opened['token']}"}
    assert client.get(path).status_code == 401
    assert client.get(path, headers=headers).status_code == 404
    prove(house, opened["conversation_id"], number)
    told = client.get(path, headers=headers)
    assert told.status_code == 200
    assert told.headers["content-type"] == "image/jpeg"
    assert told.headers["cache-control"] == "private, no-store"
    assert "sandbox" in told.headers["content-security-policy"]
