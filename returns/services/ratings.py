"""One question at the end of a return: were you served well, from 1 to 5."""

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from returns.model import By, Choice, Heard, Question, Say
from returns.services import history, memory, notices, tasks
from returns.sql import insert_once
from returns.tables import notices as notice_rows
from returns.tables import ratings
from returns.unit import Unit, writing
from returns.wiring import House

BEST = 5
UNHAPPY = 2
LONGEST_COMMENT = 2000


def tell_and_ask(
    unit: Unit, case: Row[Any], response: str, params: dict[str, Any], last: bool
) -> None:
    """News in the chat; the last of a return ends with thanks and the question."""
    asked = _question() if last else None
    closing = list(asked.says) if asked else []
    notices.in_chat(unit, case, response, {**params, "closing": closing}, True, asked)


def rate(house: House, heard: Heard) -> Question:
    """Keep a rating for the return it was asked about; ask for one comment.

    Once per return: what was rated first stays. Without an open question the rating
    is only thanked for.
    """
    with writing(house) as unit:
        known = memory.recall(unit.connection, heard, "rate")
        if known is not None:
            return _thanks(int(known["rating"]), known["return_id"])
        rating = min(max(heard.rating or 1, 1), BEST)
        case = _asked_about(unit.connection, heard.conversation_id)
        return_id = case.return_id if case else None
        if case is not None:
            _keep(unit, case, rating)
        memory.keep(unit, heard, "rate", {"rating": rating, "return_id": return_id})
        return _thanks(rating, return_id)


def comment(house: House, heard: Heard, return_id: str) -> Say:
    """Keep what the customer adds to the rating of this return of theirs."""
    with writing(house) as unit:
        unit.connection.execute(
            ratings.update()
            .where(ratings.c.return_id == return_id, ratings.c.comment.is_(None))
            .values(comment=heard.text[:LONGEST_COMMENT])
        )
    return Say("utter_comment_thanks")


def of_return(connection: Connection, return_id: str) -> Row[Any] | None:
    query = sa.select(ratings).where(ratings.c.return_id == return_id)
    return connection.execute(query).first()


def _question() -> Question:
    choices = tuple(
        Choice(Say("utter_button_number", {"number": n}), {"rating": n})
        for n in range(1, BEST + 1)
    )
    return Question((Say("utter_ask_rating"),), "rating", choices)


def _thanks(rating: int, return_id: str | None) -> Question:
    """expects detail only when the rating belongs to a return."""
    name = "utter_rating_sorry" if rating <= UNHAPPY else "utter_rating_thanks"
    thanks = Question((Say(name),), None)
    if return_id is None:
        return thanks
    ask = Say("utter_ask_comment")
    return replace(thanks, says=(*thanks.says, ask), expects="detail", about=return_id)


def _asked_about(connection: Connection, conversation_id: str) -> Row[Any] | None:
    """The return whose rating was asked for last and is not given yet."""
    query = (
        sa.select(notice_rows.c.return_id)
        .outerjoin(ratings, ratings.c.return_id == notice_rows.c.return_id)
        .where(
            notice_rows.c.conversation_id == conversation_id,
            notice_rows.c.expects == "rating",
            notice_rows.c.delivered_at.is_not(None),
            ratings.c.return_id.is_(None),
        )
        .order_by(notice_rows.c.delivered_at.desc())
    )
    found = connection.execute(query).first()
    return history.get_return(connection, found.return_id) if found else None


def _keep(unit: Unit, case: Row[Any], rating: int) -> None:
    inserted = insert_once(
        unit.connection, ratings, return_id=case.return_id, rating=rating, at=unit.now
    )
    if not inserted:
        return
    history.record(unit, case.return_id, "customer.rated", By.CUSTOMER, rating=rating)
    if rating <= UNHAPPY:
        facts = {"rating": rating}
        tasks.open_task(unit, "unhappy_customer", case.return_id, case, facts)
