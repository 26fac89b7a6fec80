"""Pages of cases and of the tasks that only a person can do."""

from datetime import datetime

from starlette.responses import RedirectResponse, Response

from desk.console import adjust_pages, audit, casework, reasons, unmasking
from desk.console.asked import day
from desk.console.case_filters import CaseFilters
from desk.console.guard import Visit, refusal
from desk.console.talk_pages import back, eyes, render
from returns.errors import ReturnsError
from returns.gateways.supplier import Authorisation
from returns.model import Address, ReturnReason, ReturnStatus
from returns.services import finishing, second_person
from returns.services import tasks as task_list
from returns.services.finishing import Given, Needs
from returns.services.tasks import Task
from returns.unit import writing

ADDRESS = ("name", "line1", "postcode", "city", "country")


class BadForm(ReturnsError):
    """A field is empty or not what it should be."""


def listing(visit: Visit) -> Response:
    filters = CaseFilters.of(visit.asked)
    found = casework.page(visit.house, filters, visit.asked("before"))
    older = filters.address(before=found.older) if found.older else None
    return render(
        visit,
        "cases.html",
        filters=filters,
        page=found,
        older=older,
        first=not visit.asked("before"),
        reasons=[reason.value for reason in ReturnReason],
        statuses=[status.value for status in ReturnStatus],
        suppliers=sorted(visit.house.shop.suppliers),
    )


def case(visit: Visit) -> Response:
    found = casework.read(visit.house, visit.path["return_id"])
    with writing(visit.house) as unit:
        subject = found.case.return_id
        audit.note(visit.house, unit, visit.member.email, "case.read", subject)
    told = _of_tasks(visit, found.open_tasks)
    why = [reason.value for reason in ReturnReason]
    seen = eyes(visit, found.case.return_id)
    told.update(adjust_pages.shown(visit, found))
    return render(visit, "case.html", found=found, eyes=seen, reasons=why, **told)


def unmask(visit: Visit) -> Response:
    """Raises NotFound, NoReason."""
    return_id = casework.read(visit.house, visit.path["return_id"]).case.return_id
    unmasking.unmask(visit.house, visit.session, return_id, visit.given("reason"))
    return RedirectResponse(f"/console/cases/{return_id}", 303)


def set_reason(visit: Visit) -> Response:
    """Raises NotFound, BadForm."""
    told = visit.given("reason")
    if told not in set(ReturnReason):
        raise BadForm
    return_id = visit.path["return_id"]
    right = ReturnReason(told)
    reasons.correct(visit.house, return_id, visit.given("line"), right, visit.member)
    return back(visit, f"/console/cases/{return_id}")


def tasks(visit: Visit) -> Response:
    after = visit.asked("after")
    found, older = casework.open_tasks(visit.house, after)
    told = _of_tasks(visit, found)
    return render(
        visit, "tasks.html", found=found, older=older, first=not after, **told
    )


def finish(visit: Visit) -> Response:
    """Raises NotFound, WrongState, BadForm."""
    task = task_list.find_task(visit.house, visit.path["task_id"])
    if not visit.allows(casework.needed(task.kind)):
        return refusal(visit.house, visit.session, 403, "refused_role")
    sum_ = visit.given("sum")  # as the page said it, which a deduction may have lowered
    if sum_ and sum_ != str(task.facts.get("amount_minor")):
        return refusal(visit.house, visit.session, 409, "refused_sum")
    given = Given(
        reference=visit.given("reference")[:200],
        amount=visit.given("amount")[:20],
        decision=visit.given("decision"),
        reason=visit.given("reason")[:1000],
        address=_address(visit, task.kind),
    )
    if task.kind == "review_return" and given.decision == "decline":
        _need(given.reason)
    casework.finish(visit.house, task, given, visit.member)
    return back(visit, "/console/tasks")


def _of_tasks(visit: Visit, found: list[Task]) -> dict[str, object]:
    return {
        "needs": finishing.needs,
        "Needs": Needs,
        "needed": casework.needed,
        "plain": adjust_pages.plain,
        "requests": second_person.requests_of(visit.house, found),
    }


def _address(visit: Visit, kind: str) -> Authorisation | None:
    if finishing.needs(kind) is not Needs.ADDRESS:
        return None
    told = {part: _need(visit.given(part)[:200]) for part in ADDRESS}
    return Authorisation(
        rma_number=_need(visit.given("rma_number")[:120]),
        return_address=Address(**told),
        ship_by=_day(visit),
        who_pays="supplier" if visit.given("who_pays") == "supplier" else "shop",
        label_url=None,
    )


def _day(visit: Visit) -> datetime | None:
    text = visit.given("ship_by")
    if not text:
        return None
    found = day(text, visit.house.shop.time_zone)
    if found is None:
        raise BadForm
    return found.replace(hour=23, minute=59)


def _need(text: str) -> str:
    if not text or not text.isprintable():
        raise BadForm
    return text
