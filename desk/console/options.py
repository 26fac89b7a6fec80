"""The options of a list that stands many times on one page: written once."""

from collections.abc import Sequence
from functools import lru_cache

from markupsafe import Markup

from desk.console import words

KEPT = 64  # lists of values in a language
OPTION = Markup('<option value="{}">{}</option>')
OF_VALUE, SELECTED = Markup(' value="{}">'), Markup(' value="{}" selected>')


def options(language: str, group: str, values: Sequence[str], chosen: str) -> Markup:
    """One option for each, by its words; group empty: by the value itself."""
    written = _written(language, group, tuple(values))
    return written.replace(OF_VALUE.format(chosen), SELECTED.format(chosen), 1)


@lru_cache(KEPT)
def _written(language: str, group: str, values: tuple[str, ...]) -> Markup:
    def spoken(value: str) -> str:
        return words.name_of(language, group, value) if group else value

    return Markup().join(OPTION.format(value, spoken(value)) for value in values)
