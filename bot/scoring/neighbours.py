"""Which intents lead to the same answer: the one place that says so.

Strict scoring wants the label; lenient scoring also accepts a neighbour, since the
customer is told or asked the same next. What else was said (reasons, order numbers)
is read apart from the intent. A refund for a replacement is never a neighbour, nor is
anything that stops a return, an order or a danger.
"""

from __future__ import annotations

NEIGHBOURS: tuple[frozenset[str], ...] = (
    # The form opens, keeps what was told and asks what is missing, the wish included.
    frozenset({"request_return", "give_reason", "inform", "withdraw_from_contract"}),
    frozenset({"request_return", "give_reason", "inform", "request_refund"}),
    frozenset({"request_return", "give_reason", "inform", "request_replacement"}),
    # Who withdraws gets the money back.
    frozenset({"request_refund", "withdraw_from_contract"}),
    # action_cancel_return
    frozenset({"cancel_return", "start_over"}),
    # action_not_understood
    frozenset({"out_of_scope", "nlu_fallback"}),
    # One friendly closing sentence.
    frozenset({"thank", "goodbye"}),
)


def same_answer(label: str, predicted: str | None) -> bool:
    """Whether the customer would be answered alike."""
    return label == predicted or any({label, predicted} <= g for g in NEIGHBOURS)
