"""Order numbers and e-mail addresses in every spelling that customers were seen to use.

The spellings are generated: parts of each kind are put together in every way.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from bot.components import spelt
from bot.components.identifiers import find_identifiers

LETTERS = some.sampled_from(["FR", "UK", "BR", "GB", "XT"])
DIGITS = some.integers(1000, 99999).map(str)
FOUR = some.integers(1000, 9999).map(str)
JOINTS = some.sampled_from(["-", "", " ", " - ", "_", ".", "/", "—", "#"])
BEFORE = some.sampled_from(
    [
        "",
        "c'est la ",
        "my order is ",
        "n° de commande ",
        "bonjour, numéro de commande : ",
        "commande n°",
        "order no. ",
        "hi it's about order #",
        "pour la cde ",
        "it says ",
        "ma commande c'est le ",
    ]
)
AFTER = some.sampled_from(
    ["", ".", " !", " ?", ", merci", " svp", " please", "\n", ") thanks", "…"]
)
CUES = some.sampled_from(
    [
        "commande ",
        "commande n° ",
        "n° ",
        "order ",
        "order number ",
        "order no ",
        "oder ",
        "comande ",
        "cmde ",
        "cmd",
        "numéro de commande : ",
        "num ",
        "#",
        "ref ",
        "Commande N°",
        "my order number is ",
        "ma commande c'est la ",
    ]
)
WORDS = {
    "fr": [
        "zéro",
        "un",
        "deux",
        "trois",
        "quatre",
        "cinq",
        "six",
        "sept",
        "huit",
        "neuf",
    ],
    "en": [
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
    ],
}
NAMES = some.sampled_from(["camille", "sam", "l", "durand75", "jean", "oconnor", "ma"])
HOSTS = some.sampled_from(["gmail", "example", "orange", "free", "my-shop", "hotmail"])
ENDINGS = some.sampled_from(["com", "fr", "net", "co.uk", "be"])
ATS = some.sampled_from(
    [
        "@",
        " @ ",
        "@ ",
        " @",
        "@@",
        " arobase ",
        " arobas ",
        " arrobase ",
        "(at)",
        "(a)",
        " [at] ",
        " [arobase] ",
        "{at}",
        " Arobase ",
        " aro base ",
    ]
)
DOTS = some.sampled_from(
    [".", " point ", " dot ", " . ", "(dot)", "[point]", " POINT "]
)
AROUND = some.sampled_from(
    [
        ("", ""),
        ("mon mail : ", ""),
        ("my email is ", " thanks"),
        ("c'est ", "."),
        ("<", ">,"),
        ("", " !"),
        ("adresse mail ", " merci"),
        ("", " et je voudrais renvoyer la robe"),
        ("it's ", "?"),
        ("mailto:", ""),
    ]
)


def found(text: str, kind: str) -> list[object]:
    """The values of one kind."""
    return [one.value for one in find_identifiers(text) if one.kind == kind]


@settings(deadline=None, max_examples=300)
@given(BEFORE, LETTERS, JOINTS, DIGITS, AFTER)
def test_letters_and_digits(
    before: str, letters: str, joint: str, digits: str, after: str
) -> None:
    """Large or small, with or without a joint, wherever it stands."""
    for spelling in (letters, letters.lower(), letters.capitalize()):
        text = f"{before}{spelling}{joint}{digits}{after}"
        assert found(text, "order_number") == [f"{letters}-{digits}"], text
        assert found(text, "tracking_number") == [], text


@settings(deadline=None, max_examples=200)
@given(CUES, FOUR, AFTER)
def test_digits_behind_a_word_that_announces_them(
    cue: str, digits: str, after: str
) -> None:
    """The cue may be misspelt, the digits may be set apart."""
    apart = " ".join(digits)
    for text in (f"{cue}{digits}{after}", f"bonjour {cue.strip()} {apart}{after}"):
        assert found(text, "order_number") == [digits], text


@given(FOUR, some.sampled_from(["fr", "en"]), some.sampled_from([" ", "-", ", "]))
def test_dictated_digits(digits: str, lang: str, joint: str) -> None:
    """Digit by digit in words, behind letters, behind a cue or alone."""
    said = joint.join(WORDS[lang][int(digit)] for digit in digits)
    alone = [one.digits for one in spelt.numbers(said)]
    if "quatre vingt" not in said:
        assert alone == [digits], said
        assert found(said, "order_number") == [digits]
        assert found(f"order number {said}", "order_number") == [digits]
        assert found(f"uk dash {said} please", "order_number") == [f"UK-{digits}"]


@given(some.sampled_from(["commande", "colis", "reçu", ""]), LETTERS, some.data())
def test_letters_and_many_digits_are_a_parcel(
    before: str, letters: str, data: some.DataObject
) -> None:
    """Unless it is called an order: relays number their parcels so."""
    number = data.draw(some.integers(10**7, 10**9 - 1)).__str__()
    text = f"{before} {letters}{number}"
    if before == "commande" and len(number) == 8:
        assert found(text, "order_number") == [f"{letters}-{number}"]
    elif before != "commande":
        assert found(text, "order_number") == []
        assert found(text, "tracking_number") == [f"{letters}{number}"]


@settings(deadline=None, max_examples=400)
@given(NAMES, NAMES, DOTS, ATS, HOSTS, DOTS, ENDINGS, AROUND)
def test_addresses(
    first: str,
    second: str,
    inner: str,
    at: str,
    host: str,
    last: str,
    ending: str,
    around: tuple[str, str],
) -> None:
    """Spoken, in brackets, with blanks, with a comma or without a dot at the end."""
    if inner == " . ":
        inner = "."  # before the @ a dot with blanks may end a sentence
    told = f"{first}{inner}{second}{at}{host}{last}{ending}"
    for text in (told, told.upper()):
        whole = f"{around[0]}{text}{around[1]}"
        expected = f"{first}.{second}@{host}.{ending}"
        assert found(whole, "email") == [expected], whole


@given(NAMES, some.sampled_from(["gmail", "hotmail", "orange", "yahoo", "outlook"]))
def test_an_ending_without_its_dot(name: str, host: str) -> None:
    """Only where everybody knows the host."""
    for ending in ("com", "fr"):
        for slip in (f"{ending}", f",{ending}", f" {ending}"):
            text = f"mail {name}.x@{host}{slip}"
            assert found(text, "email") == [f"{name}.x@{host}.{ending}"], text


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("mille quarante-deux", "1042"),
        ("mille quatre cent douze", "1412"),
        ("mille cent onze", "1111"),
        ("quatorze cent douze", "1412"),
        ("deux mille cinquante et un", "2051"),
        ("mille quatre-vingt-dix-sept", "1097"),
        ("quatorze soixante six", "1466"),
        ("vingt cinquante et un", "2051"),
        ("two thousand one hundred and five", "2105"),
        ("two thousand fifty one", "2051"),
        ("twenty fifty-one", "2051"),
        ("one oh four two", "1042"),
        ("double two one four", "2214"),
    ],
)
def test_dictated_numbers(said: str, digits: str) -> None:
    """As thousands, as pairs, digit by digit."""
    assert [one.digits for one in spelt.numbers(said)] == [digits]


@pytest.mark.parametrize(
    "text",
    [
        "commande 12 11 2025",
        "order 10 30/11",
        "j'ai deux enfants de six et sept ans et dix chats",
        "I bought four, returned two, kept two",
        "commande de deux robes et trois jupes",
        "il est 10 42",
    ],
)
def test_counts_and_dates_are_no_order_numbers(text: str) -> None:
    """Numbers beside each other are not always one."""
    assert found(text, "order_number") == []
