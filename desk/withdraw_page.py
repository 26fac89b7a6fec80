"""`/withdraw`: the withdrawal function as plain pages, without login or script (F1-F5).

The form carries everything, so that no cookie is needed: the second step holds what was
entered, its key (sent twice, it is one statement) and our seal over both. No request
acts in somebody's name, so there is nothing for a foreign page to abuse.
"""

import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field
from typing import Any

import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from desk import mails, pages, texts, withdrawals
from desk.pace import place_of
from desk.requests import house_of
from desk.withdrawals import OtherStatement, Receipt, TooManyStatements
from returns.services import statements
from returns.services.statements import Statement
from returns.wiring import House

PATH = "/withdraw"
WORDS = {
    "title": "utter_withdraw_title",
    "intro": "utter_withdraw_intro",
    "no_reason": "utter_withdraw_no_reason",
    "step_one": "utter_withdraw_step_one",
    "step_two": "utter_withdraw_step_two",
    "nothing_sent": "utter_withdraw_nothing_sent",
    "to_correct": "utter_withdraw_to_correct",
    "go_on": "utter_withdraw_go_on",
    "check": "utter_withdraw_check",
    "agree": "utter_withdraw_agree",
    "confirm": "utter_button_confirm_withdrawal",
    "change": "utter_withdraw_change",
    "done": "utter_withdraw_done",
    "keep": "utter_withdraw_keep",
    "statement": "utter_withdraw_statement",
    "privacy": "utter_withdraw_privacy",
    "to_shop": "utter_withdraw_to_shop",
    "name": "utter_label_name",
    "order_number": "utter_withdraw_order",
    "order_hint": "utter_withdraw_order_hint",
    "articles": "utter_withdraw_articles",
    "articles_hint": "utter_withdraw_articles_hint",
    "email": "utter_withdraw_email",
    "email_hint": "utter_withdraw_email_hint",
}
OTHER_LANGUAGE = {"fr": ("en", "English"), "en": ("fr", "Français")}


@dataclass(frozen=True)
class Page:
    """What one page shows.

    step: form, check or done. problem: what is wrong with the whole of it.
    """

    step: str
    language: str
    statement: Statement
    errors: dict[str, str] = field(default_factory=dict)
    problem: str | None = None
    key: str = ""
    seal: str = ""
    facts: list[mails.Fact] = field(default_factory=list)
    receipt: str | None = None


def routes() -> list[Route]:
    return [
        Route(PATH, _show, methods=["GET"]),
        Route(PATH, _take, methods=["POST"]),
    ]


async def _show(request: Request) -> Response:
    language = pages.language_of(request)
    order = request.query_params.get("order", "")
    empty = withdrawals.tidied(Statement("", order[:100], "", "", language))
    return _page(request, Page("form", language, empty))


async def _take(request: Request) -> Response:
    """Each button of the form names the step that it leads to."""
    told = await pages.form_of(request)
    language = pages.language_of(request, told.get("lang"))
    statement = _entered(told, language)
    match told.get("step"):
        case "confirm":
            return await _confirm(request, statement, told)
        case "check":
            return _check(request, statement)
        case "fr" | "en" as other:
            language = pages.language_of(request, other)
    return _page(request, Page("form", language, statement))


def _entered(told: dict[str, str], language: str) -> Statement:
    entered = {name: told.get(name, "") for name in withdrawals.LONGEST}
    return withdrawals.tidied(Statement(language=language, **entered))


def _check(request: Request, statement: Statement) -> Response:
    house, language = house_of(request), statement.language
    wrong = withdrawals.mistakes(statement)
    if wrong:
        errors = withdrawals.sentences(house, wrong, language)
        return _page(request, Page("form", language, statement, errors), 422)
    return _page(request, _to_confirm(house, statement, withdrawals.new_key()))


async def _confirm(
    request: Request, statement: Statement, told: dict[str, str]
) -> Response:
    house, language, key = house_of(request), statement.language, told.get("key", "")
    sealed = hmac.compare_digest(
        _seal(house, statement, key).encode(), told.get("seal", "").encode()
    )
    if not sealed or withdrawals.mistakes(statement):  # never seen so: step two first
        return _check(request, statement)
    place = place_of(request, house.shop.limits)
    pace = request.app.state.withdrawals
    try:
        receipt = await run_in_threadpool(
            withdrawals.record, house, key, statement, pace, place
        )
    except OtherStatement:
        return _check(request, statement)
    except TooManyStatements:
        too_many = withdrawals.too_many(house, language)
        return _page(request, _to_confirm(house, statement, key, too_many), 429)
    except (sa.exc.OperationalError, sa.exc.TimeoutError):
        later = texts.say(house, "utter_desk_unavailable", language)
        return _page(request, _to_confirm(house, statement, key, later), 503)
    return _page(request, _done(house, receipt))


def _to_confirm(
    house: House, statement: Statement, key: str, problem: str | None = None
) -> Page:
    language = statement.language
    return Page(
        "check",
        language,
        statement,
        problem=problem,
        key=key,
        seal=_seal(house, statement, key),
        facts=withdrawals.facts(house, statements.facts(statement), language),
    )


def _done(house: House, receipt: Receipt) -> Page:
    statement = receipt[0]
    language = statement.language
    return Page(
        "done",
        language,
        statement,
        facts=withdrawals.facts(house, statements.facts(*receipt), language),
        receipt=withdrawals.receipt_text(house, receipt),
    )


def _seal(house: House, statement: Statement, key: str) -> str:
    """Ours over the key and what was shown with it."""
    shown = json.dumps([key, asdict(statement)], sort_keys=True)
    secret = f"withdraw/1/{house.settings.private_secret}".encode()
    return hmac.new(secret, shown.encode(), hashlib.sha256).hexdigest()


def _page(request: Request, page: Page, status: int = 200) -> Response:
    house = house_of(request)
    language = page.language
    words = {name: texts.say(house, said, language) for name, said in WORDS.items()}
    spoken = house.shop.languages
    other, called = OTHER_LANGUAGE[language]
    told: dict[str, Any] = {
        "page": page,
        "shop": house.shop,
        "start": house.shop.website if house.settings.production else "/",
        "words": words,
        "longest": withdrawals.LONGEST,
        "other": (other, called) if other in spoken else None,
    }
    return pages.render("withdraw.html", told, status)
