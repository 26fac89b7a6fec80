"""The nine intents that a digit chooses: what was read, then what it may have been."""

from typing import Any

FREQUENT = (
    "give_reason",
    "request_return",
    "request_refund",
    "inform",
    "ask_refund_status",
    "ask_order_status",
    "talk_to_human",
    "affirm",
    "out_of_scope",
)
MOST = 9


def likely(
    reading: Any, runner_up: dict[str, Any] | None, intents: tuple[str, ...]
) -> list[str]:
    """reading: its own value, or a person's, is the first."""
    second = (runner_up or {}).get("name")
    wanted = [reading.right_intent or reading.intent, second, *FREQUENT]
    known = [one for one in dict.fromkeys(wanted) if one in intents]
    return known[:MOST]
