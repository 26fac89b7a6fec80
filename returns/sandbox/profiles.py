"""Who the demo's suppliers are: their addresses, numbers and habits."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from returns.model import Address

SHIP_WITHIN = timedelta(days=14)

RmaFormat = Callable[[int, datetime], str]


@dataclass(frozen=True)
class Profile:
    """label_base: None for a supplier that sends no label."""

    warehouse: Address
    rma: RmaFormat
    who_pays: str = "shop"
    label_base: str | None = None


PROFILES = {
    "nordlys": Profile(
        Address(
            name="Nordlys Apparel, Entrepôt Europe",
            line1="18 rue de la Filature",
            line2="Quai 4",
            postcode="59000",
            city="Lille",
            country="FR",
        ),
        lambda number, at: f"NRD-{at:%y%m}-{number:05d}",
    ),
    "lumen": Profile(
        Address(
            name="Maison Lumen, Service retours",
            line1="14 chemin des Verriers",
            line2="Bâtiment C",
            postcode="69800",
            city="Saint-Priest",
            country="FR",
        ),
        lambda number, at: f"ML{number:06d}R",
        who_pays="supplier",
        label_base="https://labels.maison-lumen.example/",
    ),
    "kado": Profile(
        Address(
            name="Kado Factory GmbH, Retouren",
            line1="Industriestraße 22",
            line2="Tor 3",
            postcode="47803",
            city="Krefeld",
            country="DE",
        ),
        lambda number, at: f"KADO/{at:%Y}/{number:04d}",
    ),
    "brightway": Profile(
        Address(
            name="Shenzhen Brightway, EU Hub",
            line1="Columbusweg 8",
            line2="Dock 12",
            postcode="5928 LC",
            city="Venlo",
            country="NL",
        ),
        lambda number, at: f"BW{at:%Y%m%d}{number:04d}",
    ),
}


def profile_of(slug: str) -> Profile:
    """The demo supplier's profile, or a plain one for any other name."""
    known = PROFILES.get(slug)
    if known:
        return known
    return Profile(
        Address(
            name=f"{slug.title()} Returns",
            line1="Pakhuisstraat 5",
            postcode="9000",
            city="Gent",
            country="BE",
        ),
        lambda number, at: f"{slug.upper()}-{number:06d}",
    )


def authorise(slug: str, number: int, at: datetime) -> tuple[str, dict[str, Any]]:
    """The RMA number and the rest of the answer of one authorised return."""
    profile = profile_of(slug)
    rma = profile.rma(number, at)
    grant: dict[str, Any] = {
        "return_address": _without_none(asdict(profile.warehouse)),
        "ship_by": moment(at + SHIP_WITHIN),
        "who_pays": profile.who_pays,
    }
    if profile.label_base:
        grant["label_url"] = f"{profile.label_base}{rma}.pdf"
    return rma, grant


def moment(at: datetime) -> str:
    """ISO 8601 in UTC with Z, whole seconds."""
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
