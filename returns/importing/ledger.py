"""What was refunded elsewhere, as components of the ledger. Pure.

A newer file may repeat what this house refunded itself: only what the ledger does
not hold yet is added, and nothing in it is ever lowered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from returns.importing.spreading import spread
from returns.model import PriorRefund


@dataclass(frozen=True)
class Component:
    """A row of the ledger. settled: the money is known to have been paid."""

    name: str
    amount_minor: int
    settled: bool = True


@dataclass(frozen=True)
class Ledger:
    """An order's components, and the (line_id, unit_no) that open returns hold."""

    components: tuple[Component, ...] = ()
    held: frozenset[tuple[str, int]] = frozenset()

    @property
    def total_minor(self) -> int:
        return sum(component.amount_minor for component in self.components)

    def units(self, line_id: str, quantity: int) -> dict[int, Component]:
        """The line's units that the ledger holds."""
        named = {component.name: component for component in self.components}
        names = {n: unit_name(line_id, n) for n in range(1, quantity + 1)}
        return {n: named[name] for n, name in names.items() if name in named}


@dataclass(frozen=True)
class Bought:
    """What the ledger must know of an order line."""

    line_id: str
    quantity: int
    paid_minor: int


@dataclass
class Additions:
    """components: to insert. doubtful: lines that an open return may pay again."""

    room_minor: int
    components: list[Component] = field(default_factory=list)
    doubtful: list[str] = field(default_factory=list)
    accounted_minor: int = 0

    def add(self, name: str, amount_minor: int) -> None:
        """Add a component, never more than what was captured."""
        amount = min(amount_minor, self.room_minor)
        self.room_minor -= amount
        self.accounted_minor += amount
        self.components.append(Component(name, amount))


def unit_name(line_id: str, unit_no: int) -> str:
    return f"unit/{line_id}/{unit_no}"


def missing_components(
    lines: Iterable[Bought],
    refunded: Sequence[PriorRefund],
    captured_minor: int,
    ledger: Ledger,
) -> Additions:
    """What `refunded` tells that the ledger does not hold yet."""
    additions = Additions(room_minor=max(0, captured_minor - ledger.total_minor))
    counted: set[str] = set()
    for line in lines:
        entries = [e for e in refunded if e.line_id == line.line_id and _units(e, line)]
        if entries:
            counted |= _add_units(additions, line, entries, ledger)
    additions.accounted_minor += sum(
        known.amount_minor
        for known in ledger.components
        if known.settled or known.name in counted
    )
    rest = sum(e.amount_minor for e in refunded) - additions.accounted_minor
    if rest > 0 and additions.room_minor > 0:
        priors = [c for c in ledger.components if c.name.startswith("prior/")]
        additions.add(f"prior/{len(priors) + 1}", rest)
    return additions


def _units(entry: PriorRefund, line: Bought) -> int:
    """Units that an entry pays for in full; 0 for a part of the price."""
    if entry.quantity is None:
        return line.quantity if entry.amount_minor == line.paid_minor else 0
    return entry.quantity


def _add_units(
    additions: Additions, line: Bought, entries: list[PriorRefund], ledger: Ledger
) -> set[str]:
    """Add the line's units that are missing; names of those the ledger had."""
    known = ledger.units(line.line_id, line.quantity)
    told = min(line.quantity, sum(_units(entry, line) for entry in entries))
    held = {n for line_id, n in ledger.held if line_id == line.line_id}
    free = [n for n in range(1, line.quantity + 1) if n not in known]
    # A held unit comes first: its return then cannot pay for it a second time.
    new = sorted(free, key=lambda n: (n not in held, n))[: max(0, told - len(known))]
    known_minor = sum(component.amount_minor for component in known.values())
    amount = max(0, sum(entry.amount_minor for entry in entries) - known_minor)
    for n, share in zip(new, spread(amount, [1] * len(new)), strict=True):
        additions.add(unit_name(line.line_id, n), share)
    settled = sum(component.settled for component in known.values())
    if held & set(new) or settled < min(told, len(known)):
        additions.doubtful.append(line.line_id)
    return {component.name for component in known.values()}
