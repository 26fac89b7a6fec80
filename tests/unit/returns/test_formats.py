from datetime import UTC, datetime
from typing import Any

import pytest

from returns.formats import (
    Country,
    Day,
    Link,
    Moment,
    Money,
    TimeOfDay,
    format_money,
    format_params,
    params_from_json,
    params_to_json,
)
from returns.model import Say

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
FRIDAY = Day(datetime(2026, 12, 4, 12, tzinfo=UTC))


def formatted(value: Any, language: str) -> Any:
    return format_params({"it": value}, language, "Europe/Paris", NOW)["it"]


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (Money(4990, "EUR"), "49,90\N{NO-BREAK SPACE}€", "€49.90"),
        (Money(4800, "GBP"), "48,00\N{NO-BREAK SPACE}£GB", "£48.00"),
        (Money(500, "JPY"), "500\N{NO-BREAK SPACE}JPY", "JP¥500"),
        (FRIDAY, "vendredi 4 décembre", "Friday, 4 December"),
        (Country("DE"), "Allemagne", "Germany"),
        (Country("ZX"), "ZX", "ZX"),
        (Link("https://a.example/b"), "https://a.example/b", "https://a.example/b"),
        (
            TimeOfDay(datetime(2026, 12, 4, 13, 5, tzinfo=UTC)),
            "14\N{NO-BREAK SPACE}h\N{NO-BREAK SPACE}05",
            "14:05",
        ),
        ("FR-1042", "FR-1042", "FR-1042"),
        (3, 3, 3),
        (None, None, None),
    ],
)
def test_values_read_as_people_write_them(
    value: Any, french: Any, english: Any
) -> None:
    """Amounts and days follow the language; text and numbers stay."""
    assert formatted(value, "fr") == french
    assert formatted(value, "en") == english


def test_a_day_of_another_year_tells_its_year() -> None:
    """The year is told when it is not the present one, in the shop's time zone."""
    last_night = Day(datetime(2026, 12, 31, 23, 30, tzinfo=UTC))
    assert formatted(last_night, "fr") == "vendredi 1er janvier 2027"
    assert formatted(last_night, "en") == "Friday, 1 January 2027"


@pytest.mark.parametrize(
    ("moment", "french", "english"),
    [
        (
            datetime(2026, 11, 23, 13, 5, tzinfo=UTC),
            "lundi 23 novembre 2026 à 14:05",
            "Monday, 23 November 2026 at 14:05",
        ),
        (
            datetime(2026, 6, 30, 22, 0, 59, tzinfo=UTC),
            "mercredi 1er juillet 2026 à 00:00",
            "Wednesday, 1 July 2026 at 00:00",
        ),
    ],
)
def test_a_moment_tells_the_year_and_the_local_minute(
    moment: datetime, french: str, english: str
) -> None:
    """Winter and summer time of the shop; the year is told in the same year too."""
    assert formatted(Moment(moment), "fr") == french
    assert formatted(Moment(moment), "en") == english


def test_an_unknown_language_reads_as_english() -> None:
    """A language that the shop does not speak still gets readable values."""
    assert format_money(Money(4990, "EUR"), "nl") == "€49.90"


def test_nested_says_are_formatted_too() -> None:
    """A Say inside a list has its own amounts formatted and keeps its name."""
    line = Say("utter_recap_line", {"amount": Money(100, "EUR"), "parts": [Say("a")]})
    assert formatted([line, "x"], "en") == [
        {
            "say": "utter_recap_line",
            "params": {"amount": "€1.00", "parts": [{"say": "a", "params": {}}]},
        },
        "x",
    ]


def test_params_survive_storage() -> None:
    """What is stored as JSON comes back as the same typed params."""
    params = {
        "amount": Money(4990, "EUR"),
        "until": FRIDAY,
        "lines": [Say("utter_line", {"price": Money(1, "GBP")}), "text", 2, None],
        "at": Moment(NOW),
        "address": ["12 High Street", Country("IE")],
        "label": Link("https://labels.example/1.pdf"),
        "facts": [[Say("utter_label"), [Say("utter_line"), FRIDAY]]],
        "closing": Say("utter_bye", {"on": FRIDAY}),
    }
    assert params_from_json(params_to_json(params)) == params


def test_stored_params_have_the_agreed_shape() -> None:
    """Notices in the database keep the shape that other readers rely on."""
    typed = {"a": Money(1, "EUR"), "b": FRIDAY, "c": Say("x"), "d": Moment(NOW)}
    stored = params_to_json({**typed, "e": Country("FR"), "f": Link("https://a")})
    assert stored == {
        "a": {"money": [1, "EUR"]},
        "b": {"day": "2026-12-04T12:00:00+00:00"},
        "c": {"say": "x", "params": {}},
        "d": {"moment": "2026-11-22T09:00:00+00:00"},
        "e": {"country": "FR"},
        "f": {"link": "https://a"},
    }


@pytest.mark.parametrize("wrong", [1.5, NOW, {"a": 1}])
def test_other_values_are_refused(wrong: Any) -> None:
    """A float, a bare moment or a dict cannot slip into a response."""
    with pytest.raises(TypeError):
        params_to_json({"it": wrong})
    with pytest.raises(TypeError):
        formatted(wrong, "fr")
