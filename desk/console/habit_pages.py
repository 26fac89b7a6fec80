"""Saved views, canned answers and presence: what makes a day at the console short."""

from starlette.responses import RedirectResponse, Response

from desk.console import canned, presence, saved_views, talk, words
from desk.console.filters import Filters
from desk.console.guard import Visit
from desk.console.talk_pages import back, render

ANSWERS = "/console/answers"


def save_view(visit: Visit) -> Response:
    """Raises BadView."""
    filters = Filters.of(lambda name: visit.given(f"with_{name}")[:300])
    shared = visit.given("shared") == "yes"
    saved_views.save(visit.house, visit.member, visit.given("name"), filters, shared)
    return back(visit, "/console/conversations")


def remove_view(visit: Visit) -> Response:
    """Raises NotFound."""
    saved_views.remove(visit.house, visit.member, visit.path["view_id"])
    return back(visit, "/console/conversations")


def answers(visit: Visit) -> Response:
    return _answers(visit)


def add_answer(visit: Visit) -> Response:
    return _save(visit, None)


def change_answer(visit: Visit) -> Response:
    """Raises NotFound."""
    canned_id = visit.path["canned_id"]
    if visit.given("remove") == "yes":
        canned.remove(visit.house, visit.member, canned_id)
        return RedirectResponse(ANSWERS, 303)
    return _save(visit, canned_id)


def here(visit: Visit) -> Response:
    """A sign of life; who else is there, as a piece of the page. Raises NotFound."""
    conversation_id = visit.path["conversation_id"]
    doing = visit.given("doing")
    presence.here(visit.house, conversation_id, visit.member, doing)
    held = talk.claim(visit.house, conversation_id)
    mine = held is not None and held.staff_id == visit.member.staff_id
    others = presence.others(visit.house, conversation_id, visit.member)
    told = {"others": others, "held": None if mine else held}
    return render(visit, "present.html", **told)


def _save(visit: Visit, canned_id: str | None) -> Response:
    name, fr, en = (visit.given(field) for field in ("name", "fr", "en"))
    try:
        canned.save(visit.house, visit.member, name, fr, en, canned_id)
    except canned.BadAnswer:
        draft = {"name": name, "fr": fr, "en": en}
        refused = words.say(visit.language, "answer_refused")
        return _answers(visit, refused, draft if canned_id is None else {})
    return RedirectResponse(ANSWERS, 303)


def _answers(
    visit: Visit, error: str = "", draft: dict[str, str] | None = None
) -> Response:
    found = canned.everyone(visit.house)
    return render(visit, "answers.html", found=found, error=error, draft=draft or {})
