"""Staff accounts: who may do what, and how somebody gets in (C1, C4)."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from desk.console import audit, passwords
from desk.console.tables import login_failures, staff, staff_sessions
from returns import ids
from returns.errors import NotFound, ReturnsError
from returns.unit import Unit, writing
from returns.wiring import House

FREE_TRIES = 5
COUNTED_FOR = timedelta(minutes=30)
LONGEST_WAIT = timedelta(minutes=15)
EMAIL = re.compile(r"[^@\s<>\"]{1,64}@[^@\s<>\"]{1,250}")


class Role(StrEnum):
    """Each may do what those before it may."""

    VIEWER = "viewer"
    AGENT = "agent"
    APPROVER = "approver"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)


class AccountRefused(ReturnsError):
    """The name, e-mail or role cannot be an account's, or the e-mail has one."""


class LoginRefused(ReturnsError):
    """Not these words. wait: seconds until the next try counts, 0: at once."""

    def __init__(self, wait: int = 0) -> None:
        super().__init__("login refused")
        self.wait = wait


@dataclass(frozen=True)
class Member:
    """One of the staff, as pages and acts know them."""

    staff_id: str
    email: str
    name: str
    role: Role
    language: str
    must_change: bool


def add(
    house: House, name: str, email: str, role: Role, by: str, password: str = ""
) -> tuple[Member, str]:
    """A new account and its one-time password. Raises AccountRefused."""
    email, name = email.strip().lower(), " ".join(name.split())
    if not EMAIL.fullmatch(email):
        raise AccountRefused(f"{email!r} is no e-mail address")
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise AccountRefused("a name has 1 to 60 letters")
    password = password or passwords.made_up()
    values = {
        "staff_id": ids.new_id(),
        "email": email,
        "name": name,
        "role": role.value,
        "language": house.shop.languages[0],
        "must_change": True,
    }
    sealed = passwords.hashed(password)
    with writing(house) as unit:
        known = sa.select(staff.c.staff_id).where(staff.c.email == email)
        if unit.connection.execute(known).first() is not None:
            raise AccountRefused(f"{email} has an account already")
        unit.connection.execute(
            staff.insert().values(**values, password_hash=sealed, created_at=unit.now)
        )
        audit.note(house, unit, by, "staff.added", email, role=role.value)
    return _member(values), password


def everybody(house: House) -> list[Row[Any]]:
    """All accounts, by name."""
    with house.reader.connect() as connection:
        query = sa.select(staff).order_by(staff.c.disabled_at, staff.c.name)
        return list(connection.execute(query).all())


def member(connection: Connection, staff_id: str) -> Member | None:
    """None for an account that is unknown or switched off."""
    query = sa.select(staff).where(
        staff.c.staff_id == staff_id, staff.c.disabled_at.is_(None)
    )
    row = connection.execute(query).first()
    return _member(row._mapping) if row else None


def authenticate(house: House, email: str, password: str, address: str) -> Member:
    """Raises LoginRefused, alike for unknown accounts and wrong passwords."""
    email = email.strip().lower()
    query = sa.select(staff).where(
        staff.c.email == email, staff.c.disabled_at.is_(None)
    )
    with house.reader.connect() as connection:
        row = connection.execute(query).first()
    with counted(house, email, address, row.email if row else ""):
        if not passwords.fits(row.password_hash if row else None, password):
            raise LoginRefused
    assert row is not None  # noqa: S101
    _welcome(house, row, password)
    return _member(row._mapping)


def change_password(house: House, who: Member, old: str, new: str) -> None:
    """Ends every session of theirs. Raises LoginRefused, PasswordRefused."""
    with house.reader.connect() as connection:
        query = sa.select(staff.c.password_hash).where(staff.c.staff_id == who.staff_id)
        stored = connection.execute(query).scalar_one()
    if not passwords.fits(stored, old):
        raise LoginRefused
    if old == new:
        raise passwords.PasswordRefused("the_same")
    known = (who.name, who.email.partition("@")[0], house.shop.name, "bonretour")
    passwords.check(new, *known)
    sealed = passwords.hashed(new)
    with writing(house) as unit:
        _update(unit, who.staff_id, password_hash=sealed, must_change=False)
        audit.note(house, unit, who.email, "staff.password_changed", who.email)


def set_language(house: House, who: Member, language: str) -> None:
    with writing(house) as unit:
        unit.connection.execute(
            staff.update()
            .where(staff.c.staff_id == who.staff_id)
            .values(language=language)
        )


def set_role(house: House, staff_id: str, role: Role, by: Member) -> None:
    """Their sessions end, so that no page keeps the old role. Raises NotFound."""
    with writing(house) as unit:
        row = _get(unit, staff_id)
        _update(unit, staff_id, role=role.value)
        audit.note(
            house, unit, by.email, "staff.role", row.email, was=row.role, role=role
        )


def set_disabled(house: House, staff_id: str, disabled: bool, by: Member) -> None:
    """Raises NotFound."""
    with writing(house) as unit:
        row = _get(unit, staff_id)
        _update(unit, staff_id, disabled_at=unit.now if disabled else None)
        act = "staff.disabled" if disabled else "staff.enabled"
        audit.note(house, unit, by.email, act, row.email)


def _get(unit: Unit, staff_id: str) -> Row[Any]:
    query = sa.select(staff).where(staff.c.staff_id == staff_id)
    row = unit.connection.execute(query).first()
    if row is None:
        raise NotFound(f"no account {staff_id}")
    return row


def _update(unit: Unit, staff_id: str, **values: Any) -> None:
    mine = staff.c.staff_id == staff_id
    unit.connection.execute(staff.update().where(mine).values(**values))
    unit.connection.execute(
        staff_sessions.delete().where(staff_sessions.c.staff_id == staff_id)
    )


def by_id(house: House, staff_id: str) -> Member:
    """Also of an account that is switched off. Raises NotFound."""
    with writing(house) as unit:
        return _member(_get(unit, staff_id)._mapping)


def get_by_email(unit: Unit, email: str) -> Row[Any]:
    """Raises NotFound."""
    query = sa.select(staff).where(staff.c.email == email.strip().lower())
    row = unit.connection.execute(query).first()
    if row is None:
        raise NotFound(f"no account {email}")
    return row


@contextmanager
def counted(house: House, secret_of: str, caller: str, email: str) -> Iterator[None]:
    """A try at something that could be guessed: LoginRefused inside is counted.

    After the free tries it waits as passwords do. caller: the client's address.
    """
    account_key, address_key = _digest(secret_of), _digest(caller)
    with house.reader.connect() as connection:
        wait = _wait(connection, account_key, address_key, house.clock.now())
    if wait > 0:
        raise LoginRefused(wait)
    try:
        yield
    except LoginRefused:
        _note_failure(house, account_key, address_key, email)
        raise
    with writing(house) as unit:
        _forget_failures(unit, account_key)


def _wait(
    connection: Connection, account_key: str, address_key: str, now: datetime
) -> int:
    """Seconds; doubles with each failure past the free ones."""
    waits = [timedelta(0)]
    for column, key in (
        (login_failures.c.account_key, account_key),
        (login_failures.c.address_key, address_key),
    ):
        query = sa.select(
            sa.func.count(), sa.func.max(login_failures.c.at).label("last")
        ).where(column == key, login_failures.c.at > now - COUNTED_FOR)
        count, last = connection.execute(query).one()
        if count >= FREE_TRIES:
            pause = min(timedelta(seconds=2 ** (count - FREE_TRIES)), LONGEST_WAIT)
            waits.append(last + pause - now)
    return max(0, int(max(waits).total_seconds() + 0.999))


def _note_failure(house: House, account_key: str, address_key: str, email: str) -> None:
    """email: empty for an account that does not exist."""
    with writing(house) as unit:
        unit.connection.execute(
            login_failures.delete().where(login_failures.c.at < unit.now - COUNTED_FOR)
        )
        unit.connection.execute(
            login_failures.insert().values(
                failure_id=ids.new_id(),
                account_key=account_key,
                address_key=address_key,
                at=unit.now,
            )
        )
        if email:
            audit.note(house, unit, email, "staff.login_failed", email)


def _forget_failures(unit: Unit, account_key: str) -> None:
    mine = login_failures.c.account_key == account_key
    unit.connection.execute(login_failures.delete().where(mine))


def _welcome(house: House, row: Row[Any], password: str) -> None:
    sealed = passwords.hashed(password) if passwords.is_stale(row.password_hash) else ""
    with writing(house) as unit:
        if sealed:
            unit.connection.execute(
                staff.update()
                .where(staff.c.staff_id == row.staff_id)
                .values(password_hash=sealed)
            )
        audit.note(house, unit, row.email, "staff.login", row.email)


def _member(row: Any) -> Member:
    return Member(
        staff_id=row["staff_id"],
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        language=row["language"],
        must_change=row["must_change"],
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
