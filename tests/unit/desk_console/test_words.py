"""The console's catalogue and templates: both languages, nothing unsafe, no gap."""

import re
from pathlib import Path

from desk.console import marks, words
from returns.model import (
    By,
    Disposition,
    Ground,
    Liable,
    RefundState,
    Resolution,
    ReturnPayer,
    ReturnReason,
    ReturnStatus,
)

HERE = Path(words.__file__).parent
TEMPLATES = {p.name: p.read_text("utf-8") for p in (HERE / "templates").iterdir()}
GAP = re.compile(r"\{(\w+)\}")


def test_every_word_is_there_in_both_languages() -> None:
    """With the same gaps."""
    for key, told in words.catalogue().items():
        assert set(told) == set(words.LANGUAGES), key
        gaps = [sorted(GAP.findall(told[language])) for language in words.LANGUAGES]
        assert gaps[0] == gaps[1], key
        assert all(isinstance(text, str) and text for text in told.values()), key


def test_templates_say_only_what_the_catalogue_has() -> None:
    """A missing key would be a broken page."""
    for name, text in TEMPLATES.items():
        for key in re.findall(r"\bt\('(\w+)'[,)]", text):
            assert key in words.catalogue(), (name, key)


def test_every_value_has_a_name() -> None:
    """No bare code where a person reads."""
    groups = {
        "reason": ReturnReason,
        "status": ReturnStatus,
        "refundstate": RefundState,
        "resolution": Resolution,
        "disposition": Disposition,
        "liable": Liable,
        "ground": Ground,
        "payer": ReturnPayer,
        "actor": By,
    }
    for group, values in groups.items():
        for value in values:
            assert f"{group}_{value}" in words.catalogue(), (group, value)


def test_no_template_trusts_anything() -> None:
    """Autoescape stays on; no inline script, style or handler; no outside address."""
    for name, text in TEMPLATES.items():
        for banned in ("|safe", "| safe", "autoescape", "style=", "javascript:"):
            assert banned not in text, (name, banned)
        assert not re.search(r"\son[a-z]+=", text), name
        assert "//" not in re.sub(r"\{#.*?#\}", "", text), name
    script = (HERE / "static" / "console.js").read_text("utf-8")
    for banned in ("innerHTML", "outerHTML =", "insertAdjacentHTML", "eval(", "http"):
        assert banned not in script, banned


def test_hidden_characters_are_marks() -> None:
    """What turns or hides the writing is seen; accents and emoji stay."""
    assert marks.marked("a\u202eb\u200bc") == "a⟦202E⟧b⟦200B⟧c"
    for fine in ("déçue 😡 œuf\nligne\tx", "1\u00a0234,50\u202f€"):
        assert marks.marked(fine) == fine
