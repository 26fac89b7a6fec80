"""A picture through the whole product: desk, Rasa, actions and back."""

from typing import Any

import sqlalchemy as sa

from desk.tables import inbound_messages
from tests.pictures import located
from tests.stack import Customer, Stack


def heard(stack: Stack, customer: Customer) -> list[tuple[str, Any]]:
    """What Rasa understood of each message, and the picture ids it passed on."""
    query = (
        sa.select(inbound_messages.c.parse, inbound_messages.c.events)
        .where(inbound_messages.c.conversation_id == customer.conversation_id)
        .order_by(inbound_messages.c.seq)
    )
    with stack.house.reader.connect() as connection:
        rows = connection.execute(query).all()
    return [
        (row.parse["intent"], row.events[0]["metadata"]["upload_ids"]) for row in rows
    ]


def test_a_picture_without_a_word_reaches_the_form(stack: Stack) -> None:
    """It informs, as an answer would: the desk asks which order it is about."""
    customer = stack.customer()
    upload_id = customer.upload(located(6))
    assert customer.show(upload_id)
    assert customer.heard[-1]["expects"] == "order_number"
    assert heard(stack, customer) == [("inform", [upload_id])]


def test_a_picture_with_words_is_understood_by_them(stack: Stack) -> None:
    """The words decide what is meant; the picture travels beside them."""
    customer = stack.customer()
    upload_id = customer.upload(located())
    words = {"text": "elle est arrivée déchirée, je veux être remboursée"}
    assert customer.post(
        {
            "message_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
            "upload_ids": [upload_id],
            **words,
        }
    ).json()["messages"]
    assert heard(stack, customer) == [("request_refund", [upload_id])]
