"""Corrected messages come into the training data once, and tell of nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rasa.shared.nlu.training_data.formats.rasa_yaml import RasaYAMLReader

from bot.scoring import merging
from bot.scoring.people import People
from bot.scoring.scrubbing import scrub
from bot.scoring.training import examples

SEED = """version: "3.1"

nlu:
- intent: {intent}
  metadata: {{language: {lang}{reasons}}}
  examples: |
    - {text}
"""
SEEDS = (
    ("fr", "return_request_more", "request_return", "", "je veux faire un retour"),
    ("fr", "return_request", "give_reason", ", reasons: [too_small]", "il me serre"),
    ("fr", "order_lookup", "inform", "", "ma commande FR-1042"),
    ("en", "return_request", "give_reason", ", reasons: [too_small]", "it is tight"),
)
PERSONAL = {
    "fr": {
        "je m'appelle Nadia Benali et le zip coince": ("Nadia", "Benali"),
        "ma soeur Odile n'aime pas le pull, merci Julie": ("Odile", "Julie"),
        "c est pour mme lefevre le colis est cassé": ("lefevre",),
        "Cordialement, Jean-Pierre Martin": ("Jean", "Pierre", "Martin"),
        "livrez plutôt à Marseille svp": ("Marseille",),
        "j'habite 12 rue des Lilas 69003 Lyon": ("12", "Lilas", "69003", "Lyon"),
        "écrivez à nadia.benali@mail.fr": ("nadia", "benali", "mail.fr"),
        "nadia point benali arobase mail point fr": ("nadia", "benali", "mail"),
        "ma commande FR-7788 et la 7789": ("7788", "7789"),
        "commande 778899 svp": ("778899",),
        "appelez le 06 12 34 56 78": ("12 34", "56 78"),
        "mon iban FR76 3000 6000 0112 3456 7890 189 merci": ("3000", "7890", "189"),
        "payé avec 4111 1111 1111 1111 hier": ("4111", "1111"),
        "suivi 6A12345678901": ("6A123",),
        "le bordereau dit JD0002219876543210": ("JD000", "9876"),
        "je suis à marseille": ("marseille",),
    },
    "en": {
        "my name is Gemma Arkwright and the zip sticks": ("Gemma", "Arkwright"),
        "Hi, this is Gemma, the lid is gone": ("Gemma",),
        "it was for Mrs arkwright": ("arkwright",),
        "order UK-8812 please, gemma@mail.co.uk": ("8812", "gemma", "mail"),
        "the lid is gone. Regards, Tom O'Neill": ("Tom", "Neill"),
        "Mrs. J Kowalczyk-Baines": ("Kowalczyk", "Baines"),
        "call +44 7911 123456": ("7911", "123456"),
        "I live at 5 Mill Lane, my postcode is M1 4BT": ("5 Mill", "M1", "4BT"),
    },
}


@pytest.fixture(scope="module")
def people() -> People:
    """Names, told from the words of the real training data."""
    return People(examples())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small data/nlu."""
    for lang, name, intent, reasons, text in SEEDS:
        (tmp_path / lang).mkdir(exist_ok=True)
        seed = SEED.format(intent=intent, lang=lang, reasons=reasons, text=text)
        (tmp_path / lang / f"{name}.yml").write_text(seed, "utf-8")
    return tmp_path


def told(folder: Path, *rows: dict[str, Any]) -> Path:
    """A file of these rows, French where they do not say."""
    path = folder / "corrections.jsonl"
    lines = [json.dumps({"lang": "fr", **row}) for row in rows]
    path.write_text("\n".join(lines), "utf-8")
    return path


def corrected(folder: Path) -> dict[str, str]:
    """The files that merging writes, by name."""
    found = sorted(folder.glob("*/*_corrected.yml"))
    return {f"{f.parent.name}/{f.name}": f.read_text("utf-8") for f in found}


@pytest.mark.parametrize(
    ("lang", "text"), [(lang, text) for lang in PERSONAL for text in PERSONAL[lang]]
)
def test_nobody_is_told_by_what_remains(people: People, lang: str, text: str) -> None:
    """Names, addresses and numbers are gone, and something is left."""
    left = scrub(text, lang, people)
    assert left
    assert [word for word in PERSONAL[lang][text] if word in left] == []


@pytest.mark.parametrize(
    "text",
    [
        "Robe trop petite",
        "Colissimo l'a perdu",
        "Bonjour, la couleur n'est pas celle de la photo :)",
        "JE VEUX UN REMBOURSEMENT",
        "payé 49,90 € le 12 mars pour deux robes",
        "merci beaucoup",
        "jveu parler a une vrai personne, jle garde pas",
    ],
)
def test_what_tells_nobody_stays(people: People, text: str) -> None:
    """Ordinary words are no names, prices and dates are no numbers of somebody."""
    assert scrub(text, "fr", people) == text


def test_it_comes_under_its_label_and_rasa_reads_it(folder: Path) -> None:
    """Sorted blocks in the topic's file; brackets, tabs and slashes are gone."""
    file = told(
        folder,
        {"text": "/ la\tmanche\n[me](x) serre", "label": "give_reason/too_small"},
        {"text": "- le col m'étrangle", "label": "give_reason", "reason": "too_small"},
        {"text": "renvoyer ce tapis", "label": "request_return"},
        {"text": "a hat for a doll", "label": "give_reason/too_small", "lang": "en"},
    )
    assert merging.main([file], folder) == 0
    assert list(corrected(folder)) == [
        "en/return_request_corrected.yml", "fr/return_request_corrected.yml",
    ]  # fmt: skip
    read = RasaYAMLReader().read(folder / "fr" / "return_request_corrected.yml")
    assert [(m.get("intent"), m.get("text")) for m in read.intent_examples] == [
        ("give_reason", "la manche me (x) serre"),
        ("give_reason", "le col m'étrangle"),
        ("request_return", "renvoyer ce tapis"),
    ]
    first = read.intent_examples[0]
    about = {"language": "fr", "reasons": ["too_small"]}
    assert first.get("metadata")["intent"] == about
    assert not read.entity_examples


def test_what_is_known_is_dropped_and_told(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same, nearly the same, twice in the file, and with another meaning."""
    long = "la fermeture du manteau bleu coince toujours en bas à gauche"
    file = told(
        folder,
        {"text": "Je veux faire un RETOUR !", "label": "request_return"},
        {"text": long, "label": "give_reason/too_small"},
        {"text": f"{long} hélas", "label": "give_reason/too_small"},
        {"text": "ma commande FR-9911", "label": "inform"},
        {"text": "je veux faire un retour", "label": "inform"},
        {"text": "il me serre", "label": "give_reason"},
    )
    assert merging.main([file], folder) == 0
    out = capsys.readouterr().out
    assert "1 taken, 5 dropped" in out
    assert out.count("nearly known") == 1
    assert out.count(":5: contradicts fr/return_request_more.yml:1") == 1
    assert out.count(":6: contradicts fr/return_request.yml:1") == 1
    assert [t.count("    - ") for t in corrected(folder).values()] == [1]


def test_twice_is_once_and_the_next_file_is_added(folder: Path) -> None:
    """A second run changes nothing; another file leaves the first one's sentences."""
    row = {"text": "la manche me gêne", "label": "give_reason/too_small"}
    merging.main([told(folder, row)], folder)
    once = corrected(folder)
    merging.main([told(folder, row)], folder)
    assert corrected(folder) == once
    more = {"text": "le col gratte", "label": "give_reason/too_small"}
    merging.main([told(folder, more)], folder)
    assert [t.count("    - ") for t in corrected(folder).values()] == [2]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ({"text": "x", "label": "order_pizza"}, "unknown intent 'order_pizza'"),
        ({"text": "x", "label": "give_reason/ugly"}, "unknown reason 'ugly'"),
        ({"text": "x", "label": "inform", "lang": "de"}, "unknown language 'de'"),
        ({"text": " ", "label": "inform"}, "no text"),
        ({"text": "x"}, "no labelled row"),
    ],
)
def test_a_bad_line_is_named_and_nothing_written(
    folder: Path, capsys: pytest.CaptureFixture[str], bad: dict[str, str], why: str
) -> None:
    """File, line and what is wrong with it; the good line before it waits too."""
    file = told(folder, {"text": "le col gratte", "label": "inform"}, bad)
    assert merging.main([file], folder) == 2
    assert f"{file}:2: {why}" in capsys.readouterr().err
    assert corrected(folder) == {}


CONSOLE = """version: '3.1'
nlu:
- intent: give_reason
  metadata:
    language: fr
    reasons:
    - too_small
  examples: |
    - c'est Ghislaine Tournier, la manche me serre au poignet
    - la veste de mon mari Anatole est bien trop petite
- intent: inform
  metadata:
    language: en
  examples: |
    - this is Philippa, I am writing about the kettle
"""


def test_the_consoles_export_is_scrubbed_on_its_way_in(folder: Path) -> None:
    """Names that no order knows leave it here, by spaCy, before data/nlu has them."""
    file = folder / "corrections.yml"
    file.write_text(CONSOLE, "utf-8")
    assert merging.main([file], folder) == 0
    texts = "".join(corrected(folder).values())
    for name in ("Ghislaine", "Tournier", "Anatole", "Philippa"):
        assert name not in texts
    assert "la manche me serre au poignet" in texts
    assert "reasons: [too_small]" in texts


def test_a_file_that_is_no_training_data_is_refused(folder: Path) -> None:
    """Nothing is written."""
    for number, text in enumerate(
        ("- a", "nlu: 3", "a: [", "nlu: [{examples: '- x'}]")
    ):
        file = folder / f"{number}.yml"
        file.write_text(text, "utf-8")
        assert merging.main([file], folder) == 2
