"""Lists of choices: each value once, the chosen one chosen, nothing but text."""

from desk.console.options import options


def test_the_chosen_one_is_selected_and_no_other() -> None:
    """A value that begins like another is not it."""
    written = options("fr", "", ["inform", "inform_more"], "inform")
    assert written == (
        '<option value="inform" selected>inform</option>'
        '<option value="inform_more">inform_more</option>'
    )


def test_the_words_are_those_of_the_language() -> None:
    """Kept apart although the values are the same."""
    assert "too small" in options("en", "reason", ["too_small"], "").lower()
    assert "trop petit" in options("fr", "reason", ["too_small"], "").lower()


def test_nothing_chosen_selects_nothing() -> None:
    """Nor does a value that is not there, however it is written."""
    for chosen in ("", "gone", '"><script>'):
        assert "selected" not in options("fr", "", ["inform"], chosen)


def test_a_value_is_text() -> None:
    """Whatever it holds."""
    written = options("fr", "", ['a"><b>'], 'a"><b>')
    assert written.count("<") == written.count("option") == 2
    assert " selected>" in written
