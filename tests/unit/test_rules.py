"""The rules of tests/lint.py find what they are for, and nothing here breaks them."""

import pytest

from tests.lint import ROOT, of_source, problems

PATH = ROOT / "desk" / "new.py"


def test_no_rule_is_broken() -> None:
    """Also of a changed copy of the source: tests.mutations runs this there."""
    assert problems() == []


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("known = digest == _digest(one, body)", True),
        ("known = given != self.private_secret", True),
        ("known = hexdigest(body) == text", True),
        ("known = hmac.compare_digest(digest, other)", False),
        ("query = chat_sessions.c.token_hash == _hash(token)", False),
        ("query = sessions.c.token == token", False),
        ("known = token is None", False),
        ('known = token == ""', False),
        ("when = datetime.now()", True),
    ],
)
def test_what_a_line_breaks(line: str, found: bool) -> None:
    """A secret compared with `==`, another clock; columns are the database's."""
    assert bool(of_source(line + "\n", PATH)) is found


def test_long_modules_and_functions_are_found() -> None:
    """By their lines, docstrings of functions left out."""
    assert of_source("x = 1\n" * 311, PATH)
    assert of_source("def f() -> None:\n" + "    x = 1\n" * 40, PATH)
    assert not of_source("def f() -> None:\n" + "    x = 1\n" * 39, PATH)
