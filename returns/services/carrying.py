"""What was said in one conversation, carried to where its customer went on.

Both conversations have proved the order, each for itself: nothing that a stranger said
without proof is carried, and no grant is.
"""

from dataclasses import replace
from datetime import timedelta

import sqlalchemy as sa

from returns import repository
from returns.model import Draft, DraftLine
from returns.tables import drafts
from returns.unit import Unit

STILL_MEANT = timedelta(hours=24)


def carried(unit: Unit, draft: Draft) -> Draft:
    """The draft, just granted, with what was told elsewhere if it tells nothing yet.

    The other draft is dropped, so that a yes there finds nothing. Its pictures stay in
    their conversation: a photo is asked for again.
    """
    if draft.lines or draft.reasons or any(c.reasons for c in draft.unplaced):
        return draft
    other = _newest_elsewhere(unit, draft)
    if other is None:
        return draft
    repository.set_draft_state(unit.connection, other.draft_id, "dropped")
    skipped = [one for one in other.skipped if not one.startswith("photo")]
    return replace(
        draft,
        lines=tuple(_without_pictures(line) for line in other.lines),
        reasons=other.reasons,
        no_reason_given=other.no_reason_given,
        resolution=draft.resolution or other.resolution,
        quantity=other.quantity,
        withdrawal_at=draft.withdrawal_at or other.withdrawal_at,
        needed_by=other.needed_by,
        skipped=tuple(skipped),
        unplaced=(),
    )


def _newest_elsewhere(unit: Unit, draft: Draft) -> Draft | None:
    query = (
        sa.select(drafts.c.draft_id)
        .where(
            drafts.c.order_number == draft.order_number,
            drafts.c.conversation_id != draft.conversation_id,
            drafts.c.state == "open",
            drafts.c.updated_at > unit.now - STILL_MEANT,
        )
        .order_by(drafts.c.updated_at.desc())
    )
    for draft_id in unit.connection.execute(query).scalars().all():
        other = repository.get_draft(unit.connection, draft_id)
        if other.granted and other.lines:
            return other
    return None


def _without_pictures(line: DraftLine) -> DraftLine:
    return replace(line, upload_ids=())
