"""The case page's forms for what is taken off a refund, or owed on top of it."""

from decimal import Decimal

from starlette.responses import Response

from desk.console import adjusting
from desk.console.accounts import Role
from desk.console.casework import Case
from desk.console.guard import Visit, refusal
from desk.console.talk_pages import back
from returns.amounts import minor_of
from returns.errors import AdjustmentRefused, PictureRefused
from returns.formats import minor_digits
from returns.services import (
    adjustments,
    compensations,
    deductions,
    history,
    uploads,
)
from returns.services.adjustments import Compensation, Deduction


def shown(visit: Visit, found: Case) -> dict[str, object]:
    """What the case's template says of them."""
    house, case = visit.house, found.case
    may = visit.allows(Role.APPROVER)
    with house.reader.connect() as connection:
        return {
            "adjusted": adjustments.of_return(connection, case.return_id),
            "shown_by": adjustments.pictures_of(connection, case.return_id),
            "pieces": deductions.pieces(house, connection, case) if may else [],
            "compensation_rules": compensations.RULES,
        }


def plain(minor: int, currency: str) -> str:
    """An amount as a field holds it."""
    return str(Decimal(minor).scaleb(-minor_digits(currency)))


def deduct(visit: Visit) -> Response:
    """Raises NotFound, BadAmount."""
    number, _, line_id = visit.given("unit").partition(":")
    return_id, currency, talk = _case(visit)
    pictures = tuple(dict.fromkeys(visit.all_given("picture")))
    try:
        if visit.picture:
            kept = uploads.keep(visit.house, talk, visit.picture, by_staff=True)
            pictures = (*pictures, kept)
        wanted = Deduction(
            return_id=return_id,
            line_id=line_id,
            unit_no=int(number) if number.isdecimal() and len(number) < 7 else 0,
            amount_minor=minor_of(visit.given("amount"), currency),
            reason=_reason(visit),
            pictures=pictures,
        )
        return _entered(visit, wanted)
    except PictureRefused:
        return refusal(visit.house, visit.session, 422, "refused_picture")


def compensate(visit: Visit) -> Response:
    """Raises NotFound, BadAmount."""
    return_id, currency, _ = _case(visit)
    amount = minor_of(visit.given("amount"), currency)
    rule = visit.given("rule")
    return _entered(visit, Compensation(return_id, rule, amount, _reason(visit)))


def _entered(visit: Visit, wanted: Deduction | Compensation) -> Response:
    me = visit.member
    try:
        adjusting.enter(visit.house, wanted, me.name, me.email)
    except AdjustmentRefused as error:
        why = f"refused_adjustment_{error.reason}"
        return refusal(visit.house, visit.session, 422, why)
    return back(visit, f"/console/cases/{wanted.return_id}")


def _case(visit: Visit) -> tuple[str, str, str]:
    """Its id, currency and conversation."""
    with visit.house.reader.connect() as connection:
        case = history.get_return(connection, visit.path["return_id"])
        currency = deductions.currency_of(connection, case)
    return case.return_id, currency, case.conversation_id


def _reason(visit: Visit) -> str:
    """As it was typed, but for line ends and what no database takes."""
    return visit.given("reason").replace("\r\n", "\n").replace("\x00", "")
