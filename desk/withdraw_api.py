"""The withdrawal function for a shop's own page: what the web component calls."""

from typing import Any, Literal

from pydantic import UUID4, BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk import pages, texts, withdrawals
from desk.pace import place_of
from desk.problems import Problem
from desk.requests import accepted_language, house_of, parsed
from desk.withdraw_page import WORDS
from desk.withdrawals import OtherStatement, Receipt, TooManyStatements
from returns.services import statements
from returns.services.statements import Statement
from returns.wiring import House

HOUR_SECONDS = 3600
# What the page says by itself, or leaves to the browser.
MORE = {
    "label_articles": "utter_label_articles",
    "whole_order": "utter_fact_whole_order",
    "unavailable": "utter_desk_unavailable",
}


class NewStatement(BaseModel):
    """Body of POST /withdraw/statements. articles: empty for the whole order."""

    model_config = ConfigDict(extra="ignore")
    statement_id: UUID4
    name: str
    order_number: str
    email: str
    articles: str = ""
    language: Literal["fr", "en"] | None = None


def routes() -> list[Route]:
    return [
        Route("/withdraw/words", _words, methods=["GET"]),
        Route("/withdraw/statements", _state, methods=["POST"]),
    ]


async def _words(request: Request) -> Response:
    house, language = house_of(request), pages.language_of(request)
    named = {
        **WORDS,
        **{f"error_{f}": e for f, e in withdrawals.ERRORS.items()},
        **MORE,
    }
    words = {name: texts.say(house, said, language) for name, said in named.items()}
    told = {"language": language, "words": words, "longest": withdrawals.LONGEST}
    return JSONResponse(told)


async def _state(request: Request) -> Response:
    house = house_of(request)
    body = await parsed(request, NewStatement)
    language = body.language or accepted_language(request)
    entered = body.model_dump(include=set(withdrawals.LONGEST))
    statement = withdrawals.tidied(Statement(language=language, **entered))
    _check(house, statement)
    place = place_of(request, house.shop.limits)
    pace, key = request.app.state.withdrawals, str(body.statement_id)
    try:
        receipt = await run_in_threadpool(
            withdrawals.record, house, key, statement, pace, place
        )
    except OtherStatement as error:
        raise Problem(
            409, "Statement id used before", "It was used with another body."
        ) from error
    except TooManyStatements as error:
        detail = withdrawals.too_many(house, language)
        wait = {"Retry-After": str(HOUR_SECONDS)}
        raise Problem(429, "Too many", detail, wait) from error
    return JSONResponse(_shown(house, receipt), 201)


def _check(house: House, statement: Statement) -> None:
    wrong = withdrawals.mistakes(statement)
    if wrong:
        told = texts.say(house, "utter_withdraw_to_correct", statement.language)
        errors = withdrawals.sentences(house, wrong, statement.language)
        raise Problem(422, "Please correct", told, errors=errors)


def _shown(house: House, receipt: Receipt) -> dict[str, Any]:
    statement, recorded = receipt
    language = statement.language
    rows = withdrawals.facts(house, statements.facts(*receipt), language)
    return {
        "reference": recorded.reference,
        "stated_at": recorded.stated_at.isoformat().replace("+00:00", "Z"),
        "text": withdrawals.receipt_text(house, receipt),
        "facts": [{"label": row.label, "lines": row.lines} for row in rows],
    }
