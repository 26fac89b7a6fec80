"""The statements that every turn of the desk runs, built once.

To build one takes SQLAlchemy three to eight times as long as to run it.
"""

import sqlalchemy as sa

from desk.tables import (
    buttons,
    chat_sessions,
    conversations,
    inbound_messages,
    messages,
)

_HERE = conversations.c.conversation_id == sa.bindparam("talk")
GET = sa.select(conversations).where(_HERE)
NEXT_PLACE = (
    conversations.update()
    .where(_HERE)
    .values(last_seq=conversations.c.last_seq + 1, last_at=sa.bindparam("now"))
    .returning(conversations)
)
ADD = messages.insert()
OFFER = buttons.insert()
SPEND = (
    buttons.update()
    .where(buttons.c.conversation_id == sa.bindparam("talk"), buttons.c.state == "live")
    .values(state="spent")
)
ANSWER = (
    sa.select(messages)
    .where(
        messages.c.inbound_id == sa.bindparam("inbound"),
        messages.c.author != "customer",
    )
    .order_by(messages.c.seq)
)
LAST_OF_CUSTOMER = (
    sa.select(messages.c.seq)
    .where(
        messages.c.conversation_id == sa.bindparam("talk"),
        messages.c.author == "customer",
        messages.c.seq < sa.bindparam("before"),
    )
    .order_by(messages.c.seq.desc())
    .limit(1)
)
QUESTION = (
    sa.select(messages.c.expects)
    .where(
        messages.c.conversation_id == sa.bindparam("talk"),
        messages.c.author == "bot",
        messages.c.seq > sa.func.coalesce(LAST_OF_CUSTOMER.scalar_subquery(), 0),
        messages.c.seq < sa.bindparam("before"),
        messages.c.expects.is_not(None),
    )
    .order_by(messages.c.seq.desc())
    .limit(1)
)
SESSION = sa.select(chat_sessions).where(
    chat_sessions.c.token_hash == sa.bindparam("token")
)
KNOWN = sa.select(inbound_messages).where(
    inbound_messages.c.conversation_id == sa.bindparam("talk"),
    inbound_messages.c.message_id == sa.bindparam("message"),
)
STORE = inbound_messages.insert()
INBOUND = sa.select(inbound_messages).where(
    inbound_messages.c.inbound_id == sa.bindparam("inbound")
)
_MINE = sa.select(inbound_messages.c.conversation_id).where(
    inbound_messages.c.inbound_id == sa.bindparam("inbound")
)
OLDEST = (
    sa.select(inbound_messages)
    .where(
        inbound_messages.c.conversation_id == _MINE.scalar_subquery(),
        inbound_messages.c.state != "answered",
    )
    .order_by(inbound_messages.c.seq)
    .limit(1)
)
STATE = sa.select(inbound_messages.c.state).where(
    inbound_messages.c.inbound_id == sa.bindparam("inbound")
)
SAID_MEANWHILE = (
    sa.select(messages.c.text)
    .where(
        messages.c.conversation_id == sa.bindparam("talk"),
        messages.c.seq > sa.bindparam("told"),
        messages.c.author != "customer",
        sa.or_(messages.c.inbound_id.is_(None), messages.c.n == sa.bindparam("own")),
    )
    .order_by(messages.c.seq)
)
ANSWERED = (
    inbound_messages.update()
    .where(
        inbound_messages.c.inbound_id == sa.bindparam("inbound"),
        inbound_messages.c.state != "answered",
    )
    .values(
        state="answered",
        answered_at=sa.bindparam("now"),
        claim_until=None,
        parse=sa.bindparam("understood"),
        events=sa.bindparam("happened"),
    )
)
