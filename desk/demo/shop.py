"""The demo shop's pages. The chat lives in them by one line, as in any shop."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from desk import pages
from desk.demo import pictures
from desk.requests import house_of
from returns import own_yaml, repository
from returns.demo.catalogue import Article, articles, options_in
from returns.demo.well_known import well_known
from returns.formats import Day, Money, format_day, format_money
from returns.model import Order, OrderLine
from returns.wiring import House

# As a shop's own policy: everything from here, photos in the chat as blob:.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:;"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
PICTURE_HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}
OTHER = {"fr": "en", "en": "fr"}
ON_TOP = ("LUM-02", "NOR-01", "LUM-09")
ALIKE = 4


@dataclass(frozen=True)
class Card:
    """A product as its picture's caption tells it."""

    product_id: str
    title: str
    price: str
    about: str
    section: str


@dataclass(frozen=True)
class Bought:
    """An order as its customer sees it. state: where the parcel is."""

    number: str
    buyer: str
    email: str
    placed: str
    state: str
    lines: list[dict[str, Any]]
    sums: list[tuple[str, str]]
    total: str
    address: list[str]
    try_it: str


def routes() -> list[BaseRoute]:
    """`/` and what lies below `/demo`."""
    below = [
        Route("/products/{product_id}", _product),
        Route("/orders", _orders),
        Route("/orders/{number}", _order),
        Route("/pictures/{product_id}.svg", _picture),
    ]
    return [Route("/", _home), Mount("/demo", routes=below)]


async def _home(request: Request) -> Response:
    language = pages.language_of(request)
    cards = [_card(article, language) for article in articles()]
    top = [card for wanted in ON_TOP for card in cards if card.product_id == wanted]
    sections: dict[str, list[Card]] = {}
    for card in cards:
        sections.setdefault(card.section, []).append(card)
    told = {"count": len(cards), "top": top, "sections": sections}
    return _page(request, "home", told)


async def _product(request: Request) -> Response:
    language = pages.language_of(request)
    wanted = request.path_params["product_id"]
    found = next((one for one in articles() if one.product_id == wanted), None)
    if found is None:
        return _gone(request)
    others = [a for a in articles() if a.supplier == found.supplier and a != found]
    choices = [
        options_in(language, {k: v}) for k, vs in found.choices.items() for v in vs
    ]
    chosen: dict[str, list[str]] = {}
    for choice in choices:
        for name, value in choice.items():
            chosen.setdefault(name, []).append(value)
    alike = [_card(one, language) for one in others[:ALIKE]]
    told = {"card": _card(found, language), "choices": chosen, "alike": alike}
    return _page(request, "product", told)


async def _orders(request: Request) -> Response:
    house, language = house_of(request), pages.language_of(request)
    found = await run_in_threadpool(_try_outs, house, language)
    return _page(request, "orders", {"orders": found})


async def _order(request: Request) -> Response:
    house, language = house_of(request), pages.language_of(request)
    found = await run_in_threadpool(_try_outs, house, language)
    wanted = request.path_params["number"]
    order = next((one for one in found if one.number == wanted), None)
    if order is None:
        return _gone(request)
    return _page(request, "order", {"order": order}, order=order.number)


async def _picture(request: Request) -> Response:
    svg = pictures.drawn().get(request.path_params["product_id"])
    if svg is None:
        return Response(status_code=404)
    return Response(svg, media_type="image/svg+xml", headers=PICTURE_HEADERS)


def _gone(request: Request) -> HTMLResponse:
    return _page(request, "gone", {}, status=404)


@cache
def _words() -> dict[str, Any]:
    path = Path(__file__).with_name("words.yml")
    words: dict[str, Any] = own_yaml.read(path)
    return words


def _page(
    request: Request,
    name: str,
    told: dict[str, Any],
    order: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """order: the number that the chat is told, as a shop's order page would."""
    language = pages.language_of(request)
    shared = {
        "language": language,
        "other": OTHER[language],
        "path": request.url.path,
        "shop": house_of(request).shop,
        "words": _words()[language],
        "order_number": order,
    }
    return pages.render(f"demo/{name}.html", {**shared, **told}, status, POLICY)


def _card(article: Article, language: str) -> Card:
    french = language == "fr"
    about = article.description if french else _words()["english"][article.product_id]
    return Card(
        article.product_id,
        article.title if french else article.english,
        format_money(Money(article.price, "EUR"), language),
        about,
        _words()[language]["sections"][article.supplier],
    )


def _try_outs(house: House, language: str) -> list[Bought]:
    """The orders that the README names, as far as they are the demo's own."""
    found = []
    with house.reader.connect() as connection:
        for purchase in well_known():
            order = repository.find_order(connection, purchase.number)
            if order is not None and order.customer.email == purchase.person.email:
                found.append(_bought(house, order, language))
    return found


def _bought(house: House, order: Order, language: str) -> Bought:
    words, customer = _words()[language], order.customer
    goods = sum(line.paid_minor for line in order.lines)

    def money(minor: int) -> str:
        return format_money(Money(minor, order.currency), language)

    def said(name: str, moment: Any) -> str:
        zone, now = house.shop.time_zone, house.clock.now()
        day = format_day(Day(moment), language, zone, now)
        return str(words[name].format(day=day))

    return Bought(
        number=order.order_number,
        buyer=f"{customer.first_name} {customer.last_name}",
        email=customer.email,
        placed=said("placed", order.placed_at),
        state=_state(house, order, words, said),
        lines=[_line(line, words, money) for line in order.lines],
        sums=[
            (words["subtotal"], money(goods)),
            (words["shipping"], money(order.shipping_paid_minor)),
        ],
        total=money(order.captured_minor),
        address=[
            customer.address.name,
            customer.address.line1,
            f"{customer.address.postcode} {customer.address.city}",
        ],
        try_it=_words()["tries"][order.order_number][language],
    )


def _state(house: House, order: Order, words: dict[str, Any], said: Any) -> str:
    if order.delivered_at is not None:
        return str(said("delivered", order.delivered_at))
    if order.promised_at is not None and order.promised_at < house.clock.now():
        return str(said("late", order.promised_at))
    return str(words["on_its_way"])


def _line(line: OrderLine, words: dict[str, Any], money: Any) -> dict[str, Any]:
    return {
        "product_id": line.product_id,
        "title": line.title,
        "options": ", ".join(line.options.values()),
        "quantity": words["quantity"].format(count=line.quantity),
        "paid": money(line.paid_minor),
    }
