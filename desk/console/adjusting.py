"""Deductions and compensations as staff enter them, each noted in the log (C5)."""

from desk.console import audit
from returns.errors import ReturnsError
from returns.services import adjustments
from returns.services.adjustments import Compensation, Deduction
from returns.unit import writing
from returns.wiring import House


def enter(
    house: House, wanted: Deduction | Compensation, name: str, actor: str
) -> bool:
    """False: a second person is asked to confirm it. name: as the case's history has
    it; actor: as the log has it. Raises AdjustmentRefused, NotFound.
    """
    kind = "deduction" if isinstance(wanted, Deduction) else "compensation"
    _note(house, actor, f"{kind}.entering", wanted)
    try:
        done = adjustments.enter(house, wanted, name)
    except ReturnsError:
        _note(house, actor, f"{kind}.not_entered", wanted)
        raise
    if not done:
        _note(house, actor, f"{kind}.asked", wanted)
    return done


def _note(house: House, actor: str, act: str, wanted: Deduction | Compensation) -> None:
    with writing(house) as unit:
        told = {"amount_minor": wanted.amount_minor}
        audit.note(house, unit, actor, act, wanted.return_id, **told)
