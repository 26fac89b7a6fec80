"""What a person who takes over must know at a glance: facts, not sentences."""

from typing import Any

from returns import repository
from returns.services import cases
from returns.wiring import House


def of_conversation(house: House, conversation_id: str) -> dict[str, Any]:
    """order_number, what is being asked, and the returns already open."""
    with house.reader.connect() as connection:
        draft = repository.open_draft(connection, conversation_id)
    opened = cases.returns_of_conversation(house, conversation_id)
    proved = draft is not None and draft.granted
    return {
        "order_number": draft.order_number if draft and proved else None,
        "order_proved": proved,
        "reasons": list(draft.reasons) if draft else [],
        "wish": draft.resolution if draft else None,
        "lines": [line.line_id for line in draft.lines] if draft else [],
        "returns": [
            {"return_id": case.return_id, "status": case.status} for case in opened
        ],
    }
