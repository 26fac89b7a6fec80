import pytest

from returns.keys import email_key, order_key


@pytest.mark.parametrize(
    "typed",
    [
        "FR-1042",
        "fr1042",
        " FR 1042 ",
        "#fr-1042.",
        "\uff26\uff32\uff0d\uff11\uff10\uff14\uff12",
    ],
)
def test_order_numbers_match_however_they_are_typed(typed: str) -> None:
    """Case, spaces, signs and full-width forms make no difference."""
    assert order_key(typed) == "fr1042"


def test_emails_match_without_case_and_outer_spaces() -> None:
    """Only case, outer spaces and Unicode forms are folded; dots and tags count."""
    assert email_key(" Camille.Durand@Example.COM ") == "camille.durand@example.com"
    assert email_key("camille.durand+a@example.com") != email_key(
        "camilledurand@example.com"
    )
