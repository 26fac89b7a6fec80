"""Moments and waiting times as a list shows them, in the shop's own time zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

MONTHS = {
    "fr": [
        "janv.",
        "févr.",
        "mars",
        "avr.",
        "mai",
        "juin",
        "juil.",
        "août",
        "sept.",
        "oct.",
        "nov.",
        "déc.",
    ],
    "en": [
        "Jan",
        "Feb",
        "Mar",
        "Apr",
        "May",
        "Jun",
        "Jul",
        "Aug",
        "Sep",
        "Oct",
        "Nov",
        "Dec",
    ],
}
MINUTE, HOUR, DAY = 60, 3600, 86_400


def short(at: datetime, now: datetime, zone: str, language: str) -> str:
    """The time of today, else the day, with its year when it is another."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    clock = f"{local:%H:%M}"
    if local.date() == today.date():
        return clock
    month = MONTHS.get(language, MONTHS["en"])[local.month - 1]
    day = f"{local.day} {month}"
    return f"{day} {clock}" if local.year == today.year else f"{day} {local.year}"


def day(at: datetime, zone: str, language: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    month = MONTHS.get(language, MONTHS["en"])[local.month - 1]
    return f"{local.day} {month} {local.year}"


def iso_day(text: str, language: str) -> str:
    """Of a day as filters have it, such as 2026-11-22."""
    year, month, date = (int(part) for part in text.split("-"))
    name = MONTHS.get(language, MONTHS["en"])[month - 1]
    return f"{date} {name} {year}"


def since(at: datetime, now: datetime, language: str) -> str:
    """How long ago, in the largest unit that fits."""
    seconds = max(0, int((now - at).total_seconds()))
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02} min"
    return f"{seconds // DAY} {'j' if language == 'fr' else 'd'}"


def lasted(seconds: float, language: str) -> str:
    """A length of time with the digits that matter."""
    if seconds < MINUTE:
        text = f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
        return text.replace(".", ",") if language == "fr" else text
    if seconds < HOUR:
        return f"{seconds / MINUTE:.0f} min"
    if seconds < DAY:
        return f"{int(seconds // HOUR)} h {int(seconds % HOUR // MINUTE):02} min"
    days, hours = divmod(int(seconds // HOUR), 24)
    return f"{days} {'j' if language == 'fr' else 'd'} {hours} h"


def number(value: float, digits: int, language: str) -> str:
    """With the language's own decimal sign."""
    text = f"{value:.{digits}f}"
    return text.replace(".", ",") if language == "fr" else text


def at_most(count: int, most: int, language: str) -> str:
    """A count that went no further than one beyond most."""
    if count <= most:
        return str(count)
    return f"{most:,}+".replace(",", "\u202f" if language == "fr" else ",")
