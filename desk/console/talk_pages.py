"""Pages of conversations: the inbox, one transcript, who waits for a person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import HTMLResponse, RedirectResponse, Response

from desk import handoffs
from desk.console import (
    audit,
    canned,
    customers,
    listing,
    pages,
    personal,
    saved_views,
    talk,
    unmasking,
    words,
)
from desk.console.accounts import Role
from desk.console.corrections import intents
from desk.console.filters import Filters
from desk.console.guard import Visit, refusal
from desk.requests import seq as sequence_number
from desk.uploads import HEADERS as PHOTO_HEADERS
from returns import ids
from returns.errors import NotFound
from returns.model import ReturnReason, ReturnStatus
from returns.services import uploads, views
from returns.unit import writing

LONGEST_REPLY = 4000


@dataclass(frozen=True)
class Eyes:
    """What this visitor may read here: marks, until it is unmasked for a reason.

    until: when it is masked again; None: it is masked.
    """

    until: datetime | None = None

    @property
    def clear(self) -> bool:
        return self.until is not None

    def text(self, text: str, known: tuple[str, ...] = ()) -> str:
        return text if self.clear else personal.masked(text, known)

    def who(self, customer: Any) -> str:
        if customer is None or not customer.proved:
            return ""
        if self.clear:
            return f"{customer.first_name} {customer.last_name}".strip()
        return personal.initials(customer.first_name, customer.last_name)

    def order(self, customer: Any) -> str:
        return customer.order_number if customer else ""


def eyes(visit: Visit, *subjects: str) -> Eyes:
    """subjects: the conversation or case that the page is about; none: a list."""
    if not subjects or not visit.allows(Role.AGENT):
        return Eyes()
    return Eyes(unmasking.until(visit.house, visit.session, subjects))


def render(visit: Visit, template: str, **given: Any) -> Response:
    url = visit.request.url
    address = f"{url.path}?{url.query}" if url.query else url.path
    told = {"eyes": eyes(visit), "here": url.path, "address": address, **given}
    told["unmask_reasons"] = unmasking.REASONS
    return pages.page(visit.house, visit.session, template, **told)


def back(visit: Visit, fallback: str) -> Response:
    """To where the form says it came from, if that is a page of ours."""
    asked = visit.given("back")
    own = asked.startswith("/console/") and "\\" not in asked and asked.isprintable()
    return RedirectResponse(asked if own else fallback, 303)


def inbox(visit: Visit) -> Response:
    filters = Filters.of(visit.asked)
    found = listing.page(visit.house, filters, visit.asked("before"))
    older = filters.address(before=found.older) if found.older else None
    return render(
        visit,
        "inbox.html",
        filters=filters,
        page=found,
        older=older,
        first=not visit.asked("before"),
        choices=listing.choices(visit.house),
        reasons=[reason.value for reason in ReturnReason],
        statuses=[status.value for status in ReturnStatus],
        unsure_below=listing.UNSURE_BELOW,
        views=saved_views.of_member(visit.house, visit.member),
    )


def talk_(visit: Visit) -> talk.Talk:
    return talk.read(visit.house, visit.path["conversation_id"])


def talk_page(
    visit: Visit, found: talk.Talk, error: str = "", draft: str = ""
) -> Response:
    held = found.claim
    mine = held is not None and held.staff_id == visit.member.staff_id
    language = found.conversation.language
    answers = canned.everyone(visit.house) if mine else []
    return render(
        visit,
        "talk.html",
        talk=found,
        known=found.customer.words if found.customer else (),
        eyes=eyes(visit, found.conversation.conversation_id),
        mine=mine,
        answers=[(a, canned.filled(a, language, found.customer)) for a in answers],
        once=ids.new_id(),
        intents=intents(),
        reasons=[reason.value for reason in ReturnReason],
        error=error,
        draft=draft,
        unsure_below=listing.UNSURE_BELOW,
    )


def read(visit: Visit) -> Response:
    found = talk_(visit)
    with writing(visit.house) as unit:
        seen = found.conversation.conversation_id
        audit.note(visit.house, unit, visit.member.email, "conversation.read", seen)
    return talk_page(visit, found)


def newer(visit: Visit) -> Response:
    """A piece of the page: what was said since, and the next question for more."""
    seq = sequence_number(visit.path["seq"])
    found = talk.newer(visit.house, visit.path["conversation_id"], seq)
    return render(
        visit,
        "newer.html",
        talk=found,
        eyes=eyes(visit, found.conversation.conversation_id),
        known=found.customer.words if found.customer else (),
        seq=seq,
    )


def photo(visit: Visit) -> Response:
    """A customer's picture, where it or a case of it is unmasked.

    Raises NotFound, also for another conversation's.
    """
    conversation_id, upload_id = visit.path["conversation_id"], visit.path["upload_id"]
    with visit.house.reader.connect() as connection:
        if not uploads.of_conversation(connection, conversation_id, [upload_id]):
            raise NotFound(f"no picture {upload_id}")
        cases = views.return_ids_of(connection, conversation_id)
    if not eyes(visit, conversation_id, *cases).clear:
        return refusal(visit.house, visit.session, 403, "refused_masked")
    content = uploads.content_of(visit.house, upload_id)
    shown = {**PHOTO_HEADERS, "Content-Disposition": 'inline; filename="photo.jpg"'}
    return Response(content, media_type=uploads.CONTENT_TYPE, headers=shown)


def set_reviewed(visit: Visit) -> Response:
    conversation_id = visit.path["conversation_id"]
    done = visit.given("done") != "no"
    talk.mark_reviewed(visit.house, conversation_id, visit.member, done)
    return back(visit, f"/console/conversations/{conversation_id}")


def add_note(visit: Visit) -> Response:
    conversation_id = visit.path["conversation_id"]
    talk.add_note(visit.house, conversation_id, visit.given("text"), visit.member)
    return back(visit, f"/console/conversations/{conversation_id}#notes")


def set_label(visit: Visit) -> Response:
    conversation_id = visit.path["conversation_id"]
    on = visit.given("on") != "no"
    label = visit.given("label")
    talk.set_label(visit.house, conversation_id, label, visit.member, on)
    return back(visit, f"/console/conversations/{conversation_id}#labels")


def unmask(visit: Visit) -> Response:
    """Raises NotFound, NoReason."""
    conversation_id = talk_(visit).conversation.conversation_id
    reason = visit.given("reason")
    unmasking.unmask(visit.house, visit.session, conversation_id, reason)
    return RedirectResponse(f"/console/conversations/{conversation_id}", 303)


def claim(visit: Visit) -> Response:
    """Whoever answers has a reason to read."""
    conversation_id = visit.path["conversation_id"]
    _note(visit, "conversation.claim")
    handoffs.claim(visit.house, conversation_id, visit.member.staff_id)
    unmasking.unmask(visit.house, visit.session, conversation_id, "answer")
    return RedirectResponse(f"/console/conversations/{conversation_id}#reply", 303)


def reply(visit: Visit) -> Response:
    conversation_id = visit.path["conversation_id"]
    text = visit.given("text")
    if visit.given("insert"):
        return talk_page(visit, talk_(visit), draft=_inserted(visit, text))
    if not 1 <= len(text) <= LONGEST_REPLY:
        told = words.say(visit.language, "reply_length", most=LONGEST_REPLY)
        return talk_page(visit, talk_(visit), told, text)
    _note(visit, "conversation.reply")
    me = visit.member
    once = visit.given("once")[:64]
    handoffs.reply(visit.house, conversation_id, text, me.name, me.staff_id, once)
    return RedirectResponse(f"/console/conversations/{conversation_id}#reply", 303)


def _inserted(visit: Visit, text: str) -> str:
    """For a browser without scripts: a canned answer after what was typed."""
    found = talk_(visit)
    language = found.conversation.language
    told = [
        canned.filled(one, language, found.customer)
        for one in canned.everyone(visit.house)
        if one.canned_id == visit.given("insert")
    ]
    return "\n".join(filter(None, [text, *told]))


def release(visit: Visit) -> Response:
    conversation_id = visit.path["conversation_id"]
    _note(visit, "conversation.release")
    seen = visit.given("seen")
    number = int(seen) if seen.isdecimal() and len(seen) < 10 else None
    handoffs.release(visit.house, conversation_id, number)
    return RedirectResponse(f"/console/conversations/{conversation_id}", 303)


def waiting(visit: Visit) -> Response:
    found = handoffs.waiting(visit.house)
    with visit.house.reader.connect() as connection:
        ids = [handoff.conversation_id for handoff in found]
        people = customers.of_conversations(connection, ids)
    return render(visit, "waiting.html", found=found, people=people)


def badge(visit: Visit) -> Response:
    """How many wait and nobody answers; nothing when there are none."""
    waits = [h for h in handoffs.waiting(visit.house) if h.mode == "waiting"]
    return HTMLResponse(str(len(waits)) if waits else "")


def _note(visit: Visit, act: str) -> None:
    with writing(visit.house) as unit:
        subject = visit.path["conversation_id"]
        audit.note(visit.house, unit, visit.member.email, act, subject)
