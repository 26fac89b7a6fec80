"""I-3: our ledger, the bank's book and the suppliers' agree, or somebody is asked."""

from typing import Any

from returns.services import reconciling
from returns.wiring import House


def unexplained(house: House) -> list[dict[str, Any]]:
    """What the nightly comparison would make a task of. Every book must be readable."""
    report = reconciling.run(house)
    assert report.complete, report.books
    assert report.books, "nothing was compared"
    return [one for one in report.differences if one["because"] is None]
