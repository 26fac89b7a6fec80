"""WhatsApp's templates: what may be said after the window for free words is over.

Their words are in domain.yml (utter_template_…); docs/messenger-whatsapp.md has them as
they are submitted to Meta, with {{1}}, {{2}} in the order of `GAPS`.
"""

from typing import Any

from bot import wording
from desk import texts
from returns.wiring import House

GAPS = {
    "return_label_ready": ("return_id",),
    "more_info_needed": ("shop",),
    "supplier_answer": ("return_id",),
    "refund_sent": ("return_id", "amount"),
    "refund_refused": ("return_id",),
}
# Only where the template says no more than what happened. supplier_answer points to
# the mail of the same news, so it is for news that have one.
BY_NOTICE = {
    "utter_news_return_authorised": "return_label_ready",
    "utter_news_address_by_person": "supplier_answer",
    "utter_news_review_allowed": "supplier_answer",
    "utter_news_refund_paid": "refund_sent",
    "utter_news_review_declined": "refund_refused",
}
LONGEST_GAP = 200


def payload(
    house: House, name: str, language: str, params: dict[str, Any]
) -> dict[str, Any]:
    """The message object; params: typed, with all that the template has gaps for."""
    filled = [
        _one_line(texts.plain(house, params[gap], language)) for gap in GAPS[name]
    ]
    parameters = [{"type": "text", "text": text} for text in filled]
    return {
        "type": "template",
        "template": {
            "name": name,
            "language": {"code": language},
            "components": [{"type": "body", "parameters": parameters}],
        },
    }


def submitted(name: str, language: str) -> str:
    """The template's words as Meta wants them: {{1}}, {{2}} for its gaps."""
    places = {gap: f"{{{{{n}}}}}" for n, gap in enumerate(GAPS[name], 1)}
    words = texts.responses()
    return wording.render(words, f"utter_template_{name}", language, places).text


def _one_line(text: str) -> str:
    """Meta refuses a gap with a line break, a tab or more than four spaces."""
    return " ".join(text.split())[:LONGEST_GAP] or "-"
