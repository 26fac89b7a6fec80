"""One person's own request: what is kept of them, given out or erased."""

import json

from starlette.responses import Response

from desk.console.guard import Visit
from desk.console.talk_pages import render
from desk.privacy import erasing, exporting, scope
from returns.errors import NotFound, ReturnsError

# What people count; the rest is machinery around it.
SHOWN = ("orders", "conversations", "messages", "uploads", "returns", "notices")


class NotSure(ReturnsError):
    """The box that says one is sure was not ticked."""


def show(visit: Visit) -> Response:
    return _page(visit)


def look(visit: Visit) -> Response:
    """What is there, and what stands in the way of erasing it."""
    kind, value = _asked(visit)
    try:
        found = scope.find(visit.house, kind, value)
    except NotFound:
        return _page(visit, missing=True)
    with visit.house.reader.connect() as connection:
        counted = erasing.counted(connection, found)
        hindering = erasing.hindrances(connection, found)
    return _page(visit, counted=counted, hindering=hindering)


def export(visit: Visit) -> Response:
    """A file. Raises NotFound."""
    kind, value = _asked(visit)
    found = scope.find(visit.house, kind, value)
    told = exporting.export(visit.house, found, visit.member.email, kind)
    response = Response(
        json.dumps(told, ensure_ascii=False, indent=2), media_type="application/json"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="person.json"'
    return response


def erase(visit: Visit) -> Response:
    """Raises NotFound, NotSure, StillOpen."""
    kind, value = _asked(visit)
    if visit.given("sure") != "yes":
        raise NotSure
    found = scope.find(visit.house, kind, value)
    rasa = visit.request.app.state.rasa
    done = erasing.erase(visit.house, rasa, found, visit.member.email, kind)
    return _page(visit, done=done)


def _asked(visit: Visit) -> tuple[str, str]:
    kind = visit.given("kind")
    if kind not in scope.FINDERS:
        raise NotFound(f"no person is found by {kind!r}")
    return kind, visit.given("value")[:320]


def _page(
    visit: Visit,
    counted: dict[str, int] | None = None,
    hindering: list[erasing.Hindrance] | None = None,
    done: erasing.Erased | None = None,
    missing: bool = False,
) -> Response:
    return render(
        visit,
        "people.html",
        kinds=list(scope.FINDERS),
        shown=SHOWN,
        kind=visit.given("kind"),
        value="" if done else visit.given("value")[:320],
        counted=counted,
        hindering=hindering or [],
        done=done,
        missing=missing,
    )
