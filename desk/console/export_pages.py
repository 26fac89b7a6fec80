"""Downloads: lists as CSV or JSON, and a conversation as a test of it."""

from collections.abc import Iterator

from starlette.responses import Response, StreamingResponse

from desk.console import audit, conversation_tests, exports, personal, statistics
from desk.console.case_filters import CaseFilters
from desk.console.exports import Reader, Row
from desk.console.filters import Filters
from desk.console.guard import Visit
from desk.console.statistics import Question
from desk.console.talk_pages import eyes
from returns.errors import NotFound
from returns.unit import writing

KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
SEPARATORS = (";", ",")


def export(visit: Visit) -> Response:
    """conversations, cases or statistics, with the list's own filters.

    Raises NotFound.
    """
    what, _, kind = visit.path["what"].partition(".")
    if kind not in KINDS:
        raise NotFound(f"no export {what}.{kind}")
    rows = _rows(visit, what)
    asked = visit.asked("sep")
    sep = asked if asked in SEPARATORS else SEPARATORS[0]
    with writing(visit.house) as unit:
        told = {
            "filters": str(visit.request.query_params)[:400],
            "masked": _masked(visit),
        }
        audit.note(visit.house, unit, visit.member.email, "exported", what, **told)
    lines = exports.as_json(rows) if kind == "json" else exports.as_csv(rows, sep)
    headers = {"Content-Disposition": f'attachment; filename="{what}.{kind}"'}
    return StreamingResponse(lines, media_type=KINDS[kind], headers=headers)


def conversation_test(visit: Visit) -> Response:
    """In the format of tests/conversations, with a sandbox's order. Raises NotFound."""
    conversation_id = visit.path["conversation_id"]
    content = conversation_tests.as_yaml(visit.house, conversation_id)
    with writing(visit.house) as unit:
        act = "conversation.as_test"
        audit.note(visit.house, unit, visit.member.email, act, conversation_id)
    name = f"from_console_{conversation_id[:8]}.yml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/yaml", headers=headers)


def _rows(visit: Visit, what: str) -> Iterator[Row]:
    reader = _reader(visit)
    if what == "conversations":
        return exports.conversations(reader, Filters.of(visit.asked))
    if what == "cases":
        return exports.cases(reader, CaseFilters.of(visit.asked))
    if what == "statistics":
        asked = statistics.question(visit.house, Question.of(visit.asked))
        return exports.figures(visit.house, asked)
    raise NotFound(f"no export {what}")


def _masked(visit: Visit) -> bool:
    return not eyes(visit).clear


def _reader(visit: Visit) -> Reader:
    seen = eyes(visit)

    def who(first: str, last: str) -> str:
        if seen.clear:
            return f"{first} {last}".strip()
        return personal.initials(first, last)

    return Reader(visit.house, seen.text, who)
