"""The one clock. Nothing else in the project asks what time it is.

With sandbox partners the clock can be moved for every process (the offset lies in
the database); in production it cannot.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

OffsetReader = Callable[[], float]


class Clock:
    """Tells the time in UTC, moved by an offset in seconds.

    read_offset: None for a clock that cannot be moved.
    """

    def __init__(self, read_offset: OffsetReader | None = None) -> None:
        self._read_offset = read_offset

    def now(self) -> datetime:
        """The present moment, timezone-aware UTC, whole microseconds."""
        real = datetime.now(UTC)
        if self._read_offset is None:
            return real
        return real + timedelta(seconds=self._read_offset())

    def real(self) -> datetime:
        """The time on everybody's own clock, such as a phone's; never moved."""
        return datetime.now(UTC)


class FixedClock(Clock):
    """A clock for tests that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    def now(self) -> datetime:
        return self.at

    def real(self) -> datetime:
        return self.at

    def move(self, **delta: float) -> None:
        """Move on by timedelta's own arguments, such as days=3."""
        self.at += timedelta(**delta)
