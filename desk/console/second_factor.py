"""Codes of an authenticator app (TOTP) beside the password, for who may move money.

A code counts once, a step of 30 s early or late at most; wrong ones wait as wrong
passwords do. The secret lies sealed; recovery codes lie as keyed hashes.
"""

import re
import secrets
from typing import Any

import pyotp
import sqlalchemy as sa
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import Row

from desk.console import accounts, audit
from desk.console.accounts import LoginRefused, Member, Role
from desk.console.safety_tables import recovery_codes, second_factors
from desk.console.tables import staff_sessions
from returns import vault
from returns.sql import insert_once
from returns.unit import Unit, writing
from returns.wiring import House

DRIFT_STEPS = 1
RECOVERY_CODES = 10
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
PURPOSE = "second-factor"


def is_needed(house: House, member: Member) -> bool:
    """Always of approvers and administrators, else of who has enrolled."""
    return member.role.covers(Role.APPROVER) or is_enrolled(house, member.staff_id)


def is_enrolled(house: House, staff_id: str) -> bool:
    row = _row(house, staff_id)
    return row is not None and row.confirmed_at is not None


def prepare(house: House, member: Member) -> None:
    """Before somebody meets the page who must enrol: their secret is made."""
    if member.role.covers(Role.APPROVER):
        begin(house, member)


def begin(house: House, member: Member) -> None:
    """Make the secret, once."""
    with writing(house) as unit:
        insert_once(
            unit.connection,
            second_factors,
            staff_id=member.staff_id,
            secret=_sealed(house, member.staff_id, pyotp.random_base32()),
            begun_at=unit.now,
        )


def secret_to_show(house: House, member: Member) -> str | None:
    """None before it is begun; never again once a code has proved it."""
    row = _row(house, member.staff_id)
    if row is None or row.confirmed_at is not None:
        return None
    return _opened(house, row)


def address(house: House, member: Member, secret: str) -> str:
    """What the picture for the app says."""
    totp = pyotp.TOTP(secret)
    return totp.provisioning_uri(name=member.email, issuer_name=house.shop.name)


def enrol(house: House, member: Member, code: str, caller: str) -> list[str]:
    """The recovery codes, told this once. Raises LoginRefused."""
    _take_code(house, member, code, caller)
    fresh = [_recovery_code() for _ in range(RECOVERY_CODES)]
    with writing(house) as unit:
        unit.connection.execute(
            second_factors.update()
            .where(second_factors.c.staff_id == member.staff_id)
            .values(confirmed_at=unit.now)
        )
        _keep_recovery_codes(house, unit, member.staff_id, fresh)
        audit.note(house, unit, member.email, "staff.second_factor_added", member.email)
    return fresh


def prove(house: House, member: Member, code: str, caller: str) -> None:
    """By a code of the app, or by a recovery code, each once. Raises LoginRefused."""
    if re.fullmatch(r"\d{6}", _plain(code)):
        _take_code(house, member, code, caller)
        used = "app"
    else:
        _take_recovery_code(house, member, code, caller)
        used = "recovery_code"
    with writing(house) as unit:
        audit.note(
            house, unit, member.email, "staff.second_factor", member.email, by=used
        )


def reset(house: House, email: str, by: str) -> None:
    """A lost phone: they enrol anew at their next sign-in. Raises NotFound."""
    with writing(house) as unit:
        row = accounts.get_by_email(unit, email)
        for table in (recovery_codes, second_factors, staff_sessions):
            mine = table.c.staff_id == row.staff_id
            unit.connection.execute(table.delete().where(mine))
        audit.note(house, unit, by, "staff.second_factor_reset", row.email)


def current_code(house: House, staff_id: str) -> str | None:
    """Without a phone, for the demo alone; None: nothing is enrolled or begun."""
    row = _row(house, staff_id)
    if row is None:
        return None
    return pyotp.TOTP(_opened(house, row)).at(house.clock.real())


def _take_code(house: House, member: Member, code: str, caller: str) -> None:
    row = _row(house, member.staff_id)
    with accounts.counted(house, f"totp:{member.staff_id}", caller, member.email):
        step = _step_of(house, row, _plain(code)) if row is not None else None
        if step is None or not _spend(house, member.staff_id, step):
            raise LoginRefused


def _take_recovery_code(house: House, member: Member, code: str, caller: str) -> None:
    mine = sa.and_(
        recovery_codes.c.staff_id == member.staff_id,
        recovery_codes.c.code_hash == _hash(house, member.staff_id, _plain(code)),
        recovery_codes.c.used_at.is_(None),
    )
    with accounts.counted(house, f"totp:{member.staff_id}", caller, member.email):
        with writing(house) as unit:
            used = unit.connection.execute(
                recovery_codes.update().where(mine).values(used_at=unit.now)
            )
        if used.rowcount != 1:
            raise LoginRefused


def _step_of(house: House, row: Row[Any], code: str) -> int | None:
    """The 30 seconds that this code is of; None when it is of none near now."""
    totp, now = pyotp.TOTP(_opened(house, row)), house.clock.real()
    try:
        return totp.verify_and_get_timecode(
            code, for_time=now, valid_window=DRIFT_STEPS
        )
    except OTPVerificationError:
        return None


def _spend(house: House, staff_id: str, step: int) -> bool:
    """False when this code, or a later one, was taken before."""
    last = second_factors.c.last_step
    with writing(house) as unit:
        taken = unit.connection.execute(
            second_factors.update()
            .where(
                second_factors.c.staff_id == staff_id,
                sa.or_(last.is_(None), last < step),
            )
            .values(last_step=step)
        )
    return bool(taken.rowcount == 1)


def _keep_recovery_codes(
    house: House, unit: Unit, staff_id: str, codes: list[str]
) -> None:
    mine = recovery_codes.c.staff_id == staff_id
    unit.connection.execute(recovery_codes.delete().where(mine))
    rows = [
        {"code_hash": _hash(house, staff_id, _plain(code)), "staff_id": staff_id}
        for code in codes
    ]
    unit.connection.execute(recovery_codes.insert(), rows)


def _row(house: House, staff_id: str) -> Row[Any] | None:
    query = sa.select(second_factors).where(second_factors.c.staff_id == staff_id)
    with house.reader.connect() as connection:
        return connection.execute(query).first()


def _sealed(house: House, staff_id: str, secret: str) -> str:
    key = vault.key_for(house.settings, PURPOSE)
    return vault.seal(key, secret.encode(), staff_id).hex()


def _opened(house: House, row: Row[Any]) -> str:
    key = vault.key_for(house.settings, PURPOSE)
    return vault.unseal(key, bytes.fromhex(row.secret), row.staff_id).decode()


def _recovery_code() -> str:
    """About 49 bits, in two halves that can be read aloud."""
    letters = [secrets.choice(LETTERS) for _ in range(10)]
    return "".join(letters[:5]) + "-" + "".join(letters[5:])


def _plain(code: str) -> str:
    return re.sub(r"[\s-]", "", code).lower()


def _hash(house: House, staff_id: str, code: str) -> str:
    key = vault.key_for(house.settings, "recovery-code")
    return vault.keyed_hash(key, staff_id, code)
