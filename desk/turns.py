"""One turn: claim a conversation's oldest open message, ask Rasa, store the answer."""

import time
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk import inbox, index, metrics, transcript, turn_claims, turn_sql
from desk.rasa import RasaClient, RasaUnavailable
from desk.tables import conversations, inbound_messages, messages
from returns import measures
from returns.failpoints import failpoint
from returns.unit import Unit, writing
from returns.wiring import House
from returns.work import WorkKind, finish_work

PATIENCE_SECONDS = 9.0
TURN_SECONDS = 8.0
POLL_SECONDS = 0.05
DOWN_POLL_SECONDS = 0.25


def receive(
    house: House, conversation_id: str, incoming: inbox.Incoming
) -> tuple[inbox.Received, Row[Any] | None]:
    """Store a message and claim the turn that can begin, in one commit; None: wait.

    Raises OtherBody, NothingSaid.
    """
    with inbox.receiving(house) as unit:
        received = inbox.receive_in(unit, conversation_id, incoming)
        bot = received.mode == "bot"
        return received, turn_claims.claim(unit, received.inbound_id) if bot else None


def answer_within_patience(
    house: House, rasa: RasaClient, inbound_id: str, claimed: Row[Any] | None = None
) -> None:
    """Work the conversation's queue until this message is answered.

    claimed: by `receive`. When patience ends the desk itself says one honest sentence;
    the answer follows by the sweep. Silence is a bug.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    if claimed is not None:
        wait = _try(house, rasa, claimed, TURN_SECONDS)
        if wait == 0.0 and claimed.inbound_id == inbound_id:
            return
        time.sleep(wait)
    while not _is_answered(house, inbound_id):
        left = until - time.monotonic()
        if left <= 0:
            _say_it_takes_longer(house, inbound_id)
            return
        time.sleep(_work_once(house, rasa, inbound_id, min(left, TURN_SECONDS)))


def answer_one(house: House, rasa: RasaClient, inbound_id: str) -> None:
    """For the worker: answer what is open up to this message.

    Raises RasaUnavailable, also while another process holds the turn.
    """
    while not _is_answered(house, inbound_id):
        row = turn_claims.claim_oldest(house, inbound_id)
        if row is None:
            raise RasaUnavailable("another process holds the turn")
        _take(house, rasa, row, TURN_SECONDS)


def answer_all(house: House, rasa: RasaClient, conversation_id: str) -> None:
    """For the worker: answer all that is open in the conversation.

    While another process holds the turn it is left to that one, which looks again
    when it is done. Raises RasaUnavailable.
    """
    while (inbound_id := _first_open(house, conversation_id)) is not None:
        row = turn_claims.claim_oldest(house, inbound_id)
        if row is None:
            return
        _take(house, rasa, row, TURN_SECONDS)


def say_it_takes_longer(house: House, conversation_id: str) -> None:
    """Once for all that waits; the answers follow."""
    inbound_id = _first_open(house, conversation_id)
    if inbound_id is not None:
        _say_it_takes_longer(house, inbound_id)


def _first_open(house: House, conversation_id: str) -> str | None:
    query = (
        sa.select(inbound_messages.c.inbound_id)
        .where(
            inbound_messages.c.conversation_id == conversation_id,
            inbound_messages.c.state != "answered",
        )
        .order_by(inbound_messages.c.seq)
    )
    with house.reader.connect() as connection:
        found: str | None = connection.execute(query.limit(1)).scalar()
    return found


def _work_once(
    house: House, rasa: RasaClient, inbound_id: str, patience: float
) -> float:
    """Seconds to wait before looking again."""
    row = turn_claims.claim_oldest(house, inbound_id)
    return POLL_SECONDS if row is None else _try(house, rasa, row, patience)


def _try(house: House, rasa: RasaClient, row: Row[Any], patience: float) -> float:
    """Seconds to wait before looking again; 0: this one is answered."""
    try:
        _take(house, rasa, row, patience)
    except RasaUnavailable:
        return DOWN_POLL_SECONDS
    return 0.0


def _take(house: House, rasa: RasaClient, row: Row[Any], patience: float) -> None:
    failpoint("turn.claimed")
    with house.reader.connect() as connection:
        conversation = transcript.get_conversation(connection, row.conversation_id)
        body = _turn_body(connection, conversation, row)
    try:
        answer = rasa.take_turn(body, patience)
    except RasaUnavailable:
        measures.RASA_FAILED.inc()
        turn_claims.release(house, row)
        raise
    failpoint("turn.before_commit")
    took = _store(house, row, answer, told=conversation.last_seq)
    failpoint("turn.after_commit")
    if took is not None:
        metrics.note_answer(conversation.channel, row, answer["parse"], took)


def _turn_body(
    connection: Connection, conversation: Row[Any], row: Row[Any]
) -> dict[str, Any]:
    return {
        "conversation_id": row.conversation_id,
        "message_id": row.message_id,
        "channel": conversation.channel,
        "language": conversation.language,
        "text": row.text,
        "payload": row.payload,
        "upload_ids": row.upload_ids or [],
        "expects": transcript.open_question(connection, row.conversation_id, row.seq),
        "said_meanwhile": _said_meanwhile(connection, conversation),
    }


def _said_meanwhile(connection: Connection, conversation: Row[Any]) -> list[str]:
    """What staff and news said since Rasa last heard of it."""
    here = {
        "talk": conversation.conversation_id,
        "told": conversation.told_rasa_seq,
        "own": transcript.DESK_WORD,
    }
    return list(connection.execute(turn_sql.SAID_MEANWHILE, here).scalars())


def _store(
    house: House, row: Row[Any], answer: dict[str, Any], told: int
) -> float | None:
    """Replies, understanding and mode in the transaction that says answered.

    Seconds since the message came; None: it was answered before.
    """
    with writing(house) as unit:
        answered = unit.connection.execute(
            turn_sql.ANSWERED,
            {
                "inbound": row.inbound_id,
                "now": unit.now,
                "understood": answer["parse"],
                "happened": answer["events"],
            },
        )
        if answered.rowcount != 1:
            return None
        index.add_reading(unit, row, answer["parse"])
        _add_replies(unit, row, answer["replies"])
        _update_conversation(unit, row, answer, told)
        finish_work(unit.connection, WorkKind.ANSWER_MESSAGE, row.inbound_id)
        took: float = (unit.now - row.received_at).total_seconds()
    return max(0.0, took)


def _add_replies(unit: Unit, row: Row[Any], replies: list[dict[str, Any]]) -> None:
    for n, reply in enumerate(replies):
        last = n == len(replies) - 1
        line = transcript.Line(
            "bot",
            reply["text"],
            images=reply["images"],
            buttons=reply["buttons"] if last else [],
            choose=reply["choose"],
            expects=reply["expects"] if last else None,
            response=reply["response"],
            inbound_id=row.inbound_id,
            n=n,
        )
        transcript.add(unit, row.conversation_id, line)


def _update_conversation(
    unit: Unit, row: Row[Any], answer: dict[str, Any], told: int
) -> None:
    here = conversations.c.conversation_id == row.conversation_id
    took = (unit.now - row.received_at).total_seconds() * 1000
    values: dict[str, Any] = {
        "told_rasa_seq": told,
        "answered_in_ms": sa.func.coalesce(conversations.c.answered_in_ms, int(took)),
    }
    spoken = _language(answer["parse"])
    if spoken:
        values["language"] = spoken
    if answer["handoff"]:
        values.update(mode="waiting", handoff=answer["handoff"], waiting_since=unit.now)
        values["handed_over_at"] = transcript.first_time("handed_over_at", unit)
    unit.connection.execute(conversations.update().where(here).values(**values))


def _language(parse: dict[str, Any]) -> str | None:
    found = [
        entity["value"]
        for entity in parse.get("entities", [])
        if entity["entity"] == "language" and entity["value"] in ("fr", "en")
    ]
    return found[0] if found else None


def _is_answered(house: House, inbound_id: str) -> bool:
    with house.reader.connect() as connection:
        state = connection.execute(turn_sql.STATE, {"inbound": inbound_id})
        return bool(state.scalar_one() == "answered")


def _say_it_takes_longer(house: House, inbound_id: str) -> None:
    with writing(house) as unit:
        row = unit.connection.execute(
            sa.select(inbound_messages).where(
                inbound_messages.c.inbound_id == inbound_id
            )
        ).one()
        said = unit.connection.execute(
            sa.select(messages.c.seq).where(
                messages.c.inbound_id == inbound_id,
                messages.c.n == transcript.DESK_WORD,
            )
        ).first()
        if row.state != "answered" and said is None:
            conversation = transcript.get_conversation(
                unit.connection, row.conversation_id
            )
            transcript.add_own_word(
                house, unit, conversation, "utter_desk_slow", inbound_id=inbound_id
            )
