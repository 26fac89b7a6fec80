"""The widget's files as the desk serves them, and what its messages carry for it."""

import base64
import gzip
import hashlib
import re
from pathlib import Path

import pytest
import sqlalchemy as sa

from desk import transcript, widget
from returns.services import authorisations
from returns.settings import ROOT
from returns.tables import returns
from returns.unit import writing
from tests.desks import WebClient
from tests.houses import TestHouse
from tests.orders import new_order
from tests.unit.returns.test_money import open_one

LARGEST = 14 * 1024  # what issue 5 promises, gzipped: of all that opens the chat
FIRST = 3_500  # of what every page of a shop loads
BUILT = (ROOT / "widget/dist/v1.js").is_file()
needs_build = pytest.mark.skipif(not BUILT, reason="`make widget` has not run")


@needs_build
def test_script_is_small_and_cached(client: WebClient) -> None:
    """What every page of a shop loads: 3.5 kB gzipped, with an ETag."""
    told = client.get("/widget/v1.js", headers={"Accept-Encoding": "gzip"})
    assert told.status_code == 200
    assert told.headers["content-type"] == "text/javascript; charset=utf-8"
    assert told.headers["content-encoding"] == "gzip"
    assert told.headers["cross-origin-resource-policy"] == "cross-origin"
    assert len(gzip.compress(told.content, 9)) <= FIRST
    again = {"If-None-Match": f"W/{told.headers['etag']}"}
    assert client.get("/widget/v1.js", headers=again).status_code == 304


@needs_build
@pytest.mark.parametrize("language", widget.LANGUAGES)
def test_opened_chat_is_small(client: WebClient, language: str) -> None:
    """All that a customer loads to open the chat and talk: at most 14 kB gzipped."""
    names = ("v1.js", f"v1/chat.{language}.js")
    sent = [client.get(f"/widget/{name}").content for name in names]
    assert sum(len(gzip.compress(content, 9)) for content in sent) <= LARGEST


@needs_build
@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("gzip", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_compressed_as_the_browser_likes(
    client: WebClient, accepted: str, encoding: str | None
) -> None:
    """Brotli, else gzip, else plain; never what the browser did not ask for."""
    asked = {"Accept-Encoding": accepted}
    told = client.get("/widget/v1/chat.fr.js", headers=asked)
    assert told.headers.get("content-encoding") == encoding
    assert "Accept-Encoding" in told.headers["vary"]


@needs_build
def test_the_withdrawal_form_is_small_and_asks_for_no_markup(client: WebClient) -> None:
    """A script of its own for a shop's page, that takes no text for HTML."""
    told = client.get("/widget/withdraw/v1.js")
    assert told.status_code == 200
    assert len(gzip.compress(told.content, 9)) <= LARGEST
    sources = sorted((ROOT / "widget/src/withdraw").glob("*.ts*"))
    assert len(sources) == 4
    for path in sources:
        source = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|unsafe|localStorage|cookie", source)


@needs_build
def test_chat_is_not_compressed_for_all(client: WebClient) -> None:
    """Who cannot read gzip gets the same file plain."""
    name = "v1/chat.fr.js"
    plain = client.get(f"/widget/{name}", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == (ROOT / "widget/dist" / name).read_bytes()


@needs_build
def test_tag_pins_the_served_file(client: WebClient) -> None:
    """The hash that we print is that of what we serve, and the page shows it."""
    file = widget.built("v1.js")
    assert file is not None
    served = hashlib.sha384(client.get("/widget/v1.js").content).digest()
    expected = "sha384-" + base64.b64encode(served).decode()
    assert file.integrity == expected
    assert expected in widget.tag("https://desk.example", "fr", file)
    assert expected in client.get("/widget/").text


def test_listed_shops_may_load_it(client: WebClient) -> None:
    """CORS for a listed origin, as a pinned tag needs; none for another."""
    listed = client.get("/widget/", headers={"Origin": "https://www.example.com"})
    assert listed.headers["access-control-allow-origin"] == "https://www.example.com"
    foreign = client.get("/widget/", headers={"Origin": "https://evil.example.net"})
    assert foreign.status_code == 403


def test_only_its_own_files_are_given(client: WebClient) -> None:
    """No path leads out of the widget's folder."""
    for path in ("../desk/app.py", "package.json", "%2e%2e/shop.yml", "v1/../v2.js"):
        assert client.get(f"/widget/{path}").status_code == 404, path


def test_not_built_is_said(tmp_path: Path) -> None:
    """Without a build there is no file, and no crash."""
    assert widget.built("v1.js", tmp_path) is None


def test_sources_bind_text_only() -> None:
    """No source of the widget writes HTML."""
    sink = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|unsafe")
    for path in (ROOT / "widget/src").rglob("*.ts*"):
        assert not sink.search(path.read_text(encoding="utf-8")), path


def test_message_carries_number_and_address(house: TestHouse, talk: str) -> None:
    """What a message tells for the parcel is beside its text; others carry nothing."""
    return_id = open_one(house, new_order(house), talk)
    authorisations.authorise(house, return_id)
    with house.reader.connect() as connection:
        known = connection.execute(sa.select(returns.c.rma_number)).scalar_one()
    address = "Nordlys Retours\n1 rue du Port\n59000 Lille\nFrance"
    told = f"Voici l'adresse :\n\n{address}\n\nInscrivez le numéro {known}."
    with writing(house) as unit:
        for author, text in (("bot", told), ("customer", told), ("bot", address)):
            transcript.add(unit, talk, transcript.Line(author, text))
    with house.reader.connect() as connection:
        rows = transcript.after(connection, talk, 0)[-3:]
        facts = [message["facts"] for message in transcript.shown(connection, rows)]
    assert facts[1:] == [[], []]
    assert facts[0] == [
        {"kind": "rma_number", "value": known},
        {"kind": "return_address", "value": address},
    ]
