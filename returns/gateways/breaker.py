"""A partner that is down is left alone for a while (X13)."""

from collections.abc import Callable

import structlog
from pybreaker import (
    STATE_OPEN,
    CircuitBreaker,
    CircuitBreakerError,
    CircuitBreakerListener,
)

from returns import measures
from returns.errors import PartnerUnknown
from returns.waits import retry_scale

FAILURES_IN_A_ROW = 5
REST_SECONDS = 30.0

_log = structlog.get_logger()


class Breaker:
    """After five unknown outcomes no call is made for 30 s; then one tries it.

    Refusals and a wrong key are answers: they do not count. Each process has its own.
    """

    def __init__(self, host: str | None) -> None:
        self._rest = REST_SECONDS * retry_scale()
        self._circuit = CircuitBreaker(
            fail_max=FAILURES_IN_A_ROW,
            reset_timeout=self._rest,
            exclude=[lambda error: not isinstance(error, PartnerUnknown)],
            listeners=[_Told()],
            name=host,
            throw_new_error_on_trip=False,
        )

    def call[T](self, act: Callable[[], T]) -> T:
        """What act gives. Raises PartnerUnknown "resting" when it is not called."""
        try:
            result: T = self._circuit.call(act)
        except CircuitBreakerError:
            raise PartnerUnknown("resting", retry_after=self._rest) from None
        return result


class _Told(CircuitBreakerListener):
    def state_change(self, cb: CircuitBreaker, _old: object, new: object) -> None:
        measures.BREAKER_OPEN.labels(cb.name).set(
            getattr(new, "name", "") == STATE_OPEN
        )
        _log.warning("partner.breaker", host=cb.name, state=getattr(new, "name", "?"))
