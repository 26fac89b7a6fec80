"""Pages where the bot is corrected, and what is learnt from it."""

from urllib.parse import urlencode

from starlette.responses import Response

from desk.console import audit, customers, times
from desk.console import corrections as learnt
from desk.console.guard import Visit
from desk.console.talk_pages import back, render
from returns.model import ReturnReason
from returns.unit import writing


def unsure(visit: Visit) -> Response:
    """What the bot was least sure of and nobody has looked at, worst first."""
    found = learnt.doubts(visit.house, visit.asked("after"))
    older = "?" + urlencode({"after": found.older}) if found.older else None
    most = learnt.MOST_COUNTED
    left = times.at_most(found.left, most, visit.language)
    return _list(visit, "unsure.html", found.entries, older=older, left=left)


def check(visit: Visit) -> Response:
    """Right as it is, or another intent, or other reasons."""
    given = visit.form.get("reason")
    reasons = None
    if given is not None:
        reasons = [reason for reason in given if reason]
    intent = visit.given("intent") or None
    inbound_id = visit.path["inbound_id"]
    learnt.check(visit.house, inbound_id, visit.member, intent, reasons)
    if visit.request.headers.get("hx-request"):
        return render(visit, "checked.html", intent=intent, reasons=reasons)
    return back(visit, "/console/unsure")


def corrections(visit: Visit) -> Response:
    return _list(visit, "corrections.html", learnt.corrected(visit.house))


def export(visit: Visit) -> Response:
    """Training data as a file."""
    content = learnt.as_training_data(visit.house)
    with writing(visit.house) as unit:
        audit.note(visit.house, unit, visit.member.email, "corrections.exported")
    headers = {"Content-Disposition": 'attachment; filename="corrections.yml"'}
    return Response(content, media_type="application/yaml", headers=headers)


def _list(
    visit: Visit, template: str, found: list[learnt.Doubt], **more: object
) -> Response:
    ids = {doubt.reading.conversation_id for doubt in found}
    with visit.house.reader.connect() as connection:
        people = customers.of_conversations(connection, ids)
    return render(
        visit,
        template,
        found=found,
        people=people,
        intents=learnt.intents(),
        reasons=[reason.value for reason in ReturnReason],
        **more,
    )
