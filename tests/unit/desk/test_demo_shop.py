"""The demo shop: a shop's pages around the chat, and never in production."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
import yaml

from desk.demo import pictures
from returns.demo import seed_demo
from returns.demo.catalogue import articles
from returns.demo.well_known import well_known
from returns.settings import ROOT
from returns.tables import orders
from tests.desks import FakeRasa, WebClient, web
from tests.houses import TestHouse
from tests.unit.desk.test_withdraw import Shown

NUMBERS = [purchase.number for purchase in well_known()]
WORDS = yaml.safe_load((ROOT / "desk/demo/words.yml").read_text(encoding="utf-8"))
PAGES = ["/", "/demo/products/NOR-01", "/demo/orders", "/demo/orders/FR-1043"]


@pytest.fixture
def shop(house: TestHouse, rasa: FakeRasa) -> Iterator[WebClient]:
    seed_demo(house.engine, house.clock.now())
    with web(house, rasa) as client:
        yield client


def page(client: WebClient, path: str, language: str = "fr") -> Shown:
    got = client.get(f"{path}?lang={language}")
    assert got.status_code == 200, got.text
    return Shown(got.text)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_holds_the_chat_and_the_way_out_of_the_contract(
    shop: WebClient, path: str, language: str
) -> None:
    """The chat comes by one line; the footer names the withdrawal function (F2)."""
    shown = page(shop, path, language)
    script = shown.all_of("script")[0]
    assert script["src"] == "/widget/v1.js" and script["data-lang"] == language
    assert all("async" in one for one in shown.all_of("script"))
    named = {"fr": "Renoncer au contrat ici", "en": "Withdraw from contract here"}
    assert named[language] in shown.text
    ways = [a["href"] for a in shown.all_of("a") if "/withdraw" in str(a["href"])]
    assert ways and shop.get(str(ways[-1])).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_nothing_comes_from_elsewhere(shop: WebClient, path: str) -> None:
    """A strict policy that the chat works under, no inline style or script."""
    got = shop.get(path)
    policy = got.headers["content-security-policy"]
    assert "unsafe" not in policy and "http" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "set-cookie" not in got.headers
    shown = Shown(got.text)
    assert not any({"style", "onclick", "onload"} & set(a) for _, a in shown.tags)
    for tag, attrs in shown.tags:
        place = attrs.get("src") or (attrs.get("href") if tag == "link" else None)
        assert place is None or place.startswith("/")
        if place and not place.startswith("/widget/"):
            assert shop.get(place).status_code == 200


def test_the_links_lead_somewhere(shop: WebClient) -> None:
    """No page of the shop is missing."""
    seen: set[str] = set()
    waiting = ["/"]
    while waiting:
        path = waiting.pop()
        ours = path == "/" or path.startswith(("/demo", "/withdraw", "/?"))
        if path in seen or not ours:
            continue
        seen.add(path)
        got = shop.get(path)
        assert got.status_code == 200, path
        links = Shown(got.text).all_of("a")
        waiting += [str(a["href"]).partition("#")[0] for a in links]
    assert len(seen) > 2 * (len(articles()) + len(NUMBERS))


def test_the_orders_are_those_of_the_readme(shop: WebClient) -> None:
    """All nine, each with its own page, number and e-mail."""
    listed = page(shop, "/demo/orders").text
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for purchase in well_known():
        assert purchase.number in listed and purchase.number in readme
        shown = page(shop, f"/demo/orders/{purchase.number}")
        assert purchase.person.email in shown.text
        assert shown.all_of("script")[0]["data-order"] == purchase.number
        (element,) = shown.all_of("bonretour-withdraw")
        assert element["order"] == purchase.number


def test_no_other_order_is_shown(shop: WebClient, house: TestHouse) -> None:
    """Neither the demo's two hundred nor a real one with a number of the demo's."""
    assert shop.get("/demo/orders/FR-1100").status_code == 404
    with house.engine.begin() as connection:
        mine = orders.c.order_number == "FR-1042"
        row = connection.execute(sa.select(orders.c.customer).where(mine)).one()
        customer = {**row.customer, "email": "real@example.net"}
        connection.execute(orders.update().where(mine).values(customer=customer))
    assert shop.get("/demo/orders/FR-1042").status_code == 404
    assert "FR-1042" not in page(shop, "/demo/orders").text


def test_an_unknown_page_is_told_in_the_shops_own_words(shop: WebClient) -> None:
    """With a way back."""
    got = shop.get("/demo/products/NOPE?lang=en")
    assert got.status_code == 404 and "This page does not exist" in got.text
    assert shop.get("/demo/pictures/NOPE.svg").status_code == 404


def test_production_has_no_demo(
    house: TestHouse, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`/` points to the shop and to the withdrawal page; nothing else is left."""
    monkeypatch.setenv("BONRETOUR_SECRET_PRIVATE", "a secret of this test")
    house.settings = replace(house.settings, production=True)
    with web(house, rasa) as client:
        shown = Shown(client.get("/?lang=en", headers={"Accept": "text/html"}).text)
        ways = [a["href"] for a in shown.all_of("a")]
        assert ways == [house.shop.website, "/withdraw?lang=en"]
        assert not shown.all_of("script")
        for path in PAGES[1:]:
            assert client.get(path).status_code == 404


def test_every_article_has_its_own_picture(shop: WebClient) -> None:
    """Forty well-formed drawings that run nothing and load nothing."""
    drawn = pictures.drawn()
    assert set(drawn) == {article.product_id for article in articles()}
    assert len(set(drawn.values())) == len(drawn)
    for svg in drawn.values():
        ElementTree.fromstring(svg)
        assert not re.search(r"script|href|url\(|on\w+=|[\"'][A-Z][\"']", svg)
    got = shop.get("/demo/pictures/LUM-01.svg")
    assert got.headers["content-type"].startswith("image/svg+xml")
    assert got.headers["content-security-policy"].startswith("sandbox")


def shape(words: Any) -> Any:
    return {k: shape(v) for k, v in words.items()} if isinstance(words, dict) else 0


def test_both_languages_say_everything() -> None:
    """The same words, the same gaps, a sentence to try for each order."""
    assert shape(WORDS["fr"]) == shape(WORDS["en"])
    for name, said in WORDS["fr"].items():
        if isinstance(said, str):
            gaps = re.findall(r"\{\w+\}", said)
            assert gaps == re.findall(r"\{\w+\}", WORDS["en"][name]), name
    assert sorted(WORDS["tries"]) == sorted(NUMBERS)
    assert set(WORDS["english"]) == {article.product_id for article in articles()}


def test_a_file_is_small(shop: WebClient) -> None:
    """The shop's style sheet and start page stay light."""
    sheet = Path(ROOT / "desk/static/demo.css").stat().st_size
    assert sheet < 16_000 and len(shop.get("/").content) < 32_000
