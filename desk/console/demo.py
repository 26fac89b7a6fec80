"""The demo's one administrator, so that the console can be tried at once."""

import sqlalchemy as sa

from desk.console import accounts
from desk.console.accounts import Role
from desk.console.tables import staff
from returns.wiring import House

EMAIL = "admin@example.com"
NAME = "Inès"


def add_admin(house: House) -> None:
    """Only while there are no accounts at all."""
    with house.reader.connect() as connection:
        if connection.execute(sa.select(staff.c.staff_id)).first() is not None:
            return
    accounts.add(house, NAME, EMAIL, Role.ADMIN, "demo", _password(house))


def one_time_password(house: House) -> str | None:
    """None once somebody has chosen a password of their own."""
    query = sa.select(staff.c.must_change).where(staff.c.email == EMAIL)
    with house.reader.connect() as connection:
        unchanged = connection.execute(query).scalar()
    return _password(house) if unchanged else None


def _password(house: House) -> str:
    made = house.settings.secret("demo_admin")
    return "-".join(made[start : start + 5] for start in (0, 5, 10, 15))
