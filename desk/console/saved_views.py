"""Saved views: the inbox's filters under a name, one's own or everybody's."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from desk.console import audit
from desk.console.accounts import Member, Role
from desk.console.filters import Filters
from desk.console.tables import saved_views
from returns import ids
from returns.errors import NotFound, ReturnsError
from returns.unit import writing
from returns.wiring import House

LONGEST_NAME = 60
MOST = 50  # of one person


class BadView(ReturnsError):
    """No name, no filter, or too many."""


@dataclass(frozen=True)
class View:
    """mine: whoever asks made it."""

    view_id: str
    name: str
    filters: Filters
    shared: bool
    mine: bool


def of_member(house: House, member: Member) -> list[View]:
    """Their own and what others share, by name."""
    query = (
        sa.select(saved_views)
        .where(
            sa.or_(
                saved_views.c.staff_id == member.staff_id,
                saved_views.c.shared.is_(True),
            )
        )
        .order_by(saved_views.c.name, saved_views.c.view_id)
    )
    with house.reader.connect() as connection:
        return [_view(row, member) for row in connection.execute(query)]


def save(
    house: House, member: Member, name: str, filters: Filters, shared: bool
) -> None:
    """The same name of the same person is replaced. Raises BadView."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise BadView
    if not filters.used:
        raise BadView
    same = sa.and_(
        saved_views.c.staff_id == member.staff_id, saved_views.c.name == name
    )
    with writing(house) as unit:
        unit.connection.execute(saved_views.delete().where(same))
        mine = saved_views.c.staff_id == member.staff_id
        counted = sa.select(sa.func.count()).select_from(saved_views).where(mine)
        if unit.connection.execute(counted).scalar_one() >= MOST:
            raise BadView
        unit.connection.execute(
            saved_views.insert().values(
                view_id=ids.new_id(),
                staff_id=member.staff_id,
                name=name,
                filters=filters.used,
                shared=shared and member.role.covers(Role.AGENT),
                created_at=unit.now,
            )
        )
        audit.note(house, unit, member.email, "view.saved", name, shared=shared)


def remove(house: House, member: Member, view_id: str) -> None:
    """One's own; an administrator also what others share. Raises NotFound."""
    mine = saved_views.c.staff_id == member.staff_id
    if member.role.covers(Role.ADMIN):
        mine = sa.or_(mine, saved_views.c.shared.is_(True))
    with writing(house) as unit:
        gone = unit.connection.execute(
            saved_views.delete().where(saved_views.c.view_id == view_id, mine)
        )
        if gone.rowcount != 1:
            raise NotFound(f"no view {view_id} of {member.staff_id}")
        audit.note(house, unit, member.email, "view.removed", view_id)


def _view(row: Any, member: Member) -> View:
    known = {
        k: str(v) for k, v in row.filters.items() if k in Filters.__dataclass_fields__
    }
    mine = row.staff_id == member.staff_id
    return View(row.view_id, row.name, Filters(**known), row.shared, mine)
