"""Corrections: what the bot read, what a person says, and what leaves as training."""

from collections.abc import Callable

import pytest
from ruamel.yaml import YAML

from desk.console import corrections, personal, picks
from desk.console.accounts import Member, Role
from desk.console.corrections import NoSuchMeaning
from tests.desks import FakeRasa
from tests.houses import TestHouse, tell_all
from tests.orders import new_order
from tests.unit.desk_console.staff import Browser
from tests.unit.desk_console.talks import begin, say

Enter = Callable[[Role], Browser]


def exported(house: TestHouse) -> list[dict[str, object]]:
    loaded = YAML(typ="safe").load(corrections.as_training_data(house))
    return list(loaded["nlu"])


def test_the_least_sure_come_first(
    any_house: TestHouse, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only typed words that nobody has checked; a page at a time, each once."""
    monkeypatch.setattr(corrections, "PAGE", 2)
    one = begin(any_house)
    for place, confidence in enumerate((0.5, 0.2, 0.95, 0.2, 0.3)):
        say(any_house, rasa, one, f"dit {place}", confidence=confidence)
    first = corrections.doubts(any_house)
    second = corrections.doubts(any_house, first.older or "")
    texts = [doubt.text for doubt in [*first.entries, *second.entries]]
    assert sorted(texts[:2]) == ["dit 1", "dit 3"] and texts[2:] == ["dit 4", "dit 0"]
    assert (first.left, second.older) == (4, None)


def test_both_values_are_kept(
    house: TestHouse, rasa: FakeRasa, enter: Enter, team: dict[Role, Member]
) -> None:
    """The bot's stays; the person's lies beside it; the queue is one shorter."""
    inbound = say(house, rasa, begin(house), "bof", "greet", 0.3, ("other",))
    agent = enter(Role.AGENT)
    path = f"/console/readings/{inbound}"
    assert agent.post(path, intent="out_of_scope").status_code == 303
    row = corrections.corrected(house)[0].reading
    assert (row.intent, row.right_intent) == ("greet", "out_of_scope")
    assert (row.reasons, row.right_reasons) == (["other"], ["other"])
    assert row.checked_by == "Agent"
    assert corrections.doubts(house).left == 0
    agent.post(path, intent="give_reason", reason="too_small")
    row = corrections.corrected(house)[0].reading
    assert (row.intent, row.right_reasons) == ("greet", ["too_small"])
    assert (row.right_intent, row.reasons) == ("give_reason", ["other"])
    page = agent.get("/console/corrections").text
    assert "greet" in page and "<b>give_reason</b>" in page


def test_only_the_domains_meanings_are_taken(
    house: TestHouse, rasa: FakeRasa, enter: Enter, team: dict[Role, Member]
) -> None:
    """No invented intent or reason gets into the training data."""
    inbound = say(house, rasa, begin(house), "bof", "greet", 0.3)
    path = f"/console/readings/{inbound}"
    assert enter(Role.AGENT).post(path, intent="nonsense").status_code == 422
    with pytest.raises(NoSuchMeaning):
        corrections.check(house, inbound, team[Role.AGENT], None, ["nonsense"])
    assert corrections.doubts(house).left == 1


def test_two_keys_choose_the_runner_up(house: TestHouse, rasa: FakeRasa) -> None:
    """c, then the digit: what was read is 1, the runner-up 2, nine in all."""
    say(house, rasa, begin(house), "bof", "greet", 0.3)
    reading = corrections.doubts(house).entries[0].reading
    offered = picks.likely(reading, {"name": "deny"}, corrections.intents())
    assert offered[:2] == ["greet", "deny"]
    assert len(offered) == len(set(offered)) == 9


def test_a_correction_swaps_in_its_place(
    house: TestHouse, rasa: FakeRasa, enter: Enter
) -> None:
    """With htmx only the row comes back."""
    inbound = say(house, rasa, begin(house), "bof", "greet", 0.3)
    agent = enter(Role.AGENT)
    data = {"intent": "deny", "csrf": agent.csrf}
    got = agent.send(
        "POST", f"/console/readings/{inbound}", {"HX-Request": "true"}, data=data
    )
    assert got.status_code == 200 and "<html" not in got.text and "deny" in got.text


def test_the_export_is_rasas_format_without_personal_data(
    house: TestHouse, rasa: FakeRasa, team: dict[Role, Member]
) -> None:
    """Mail, numbers, order, names and links are stand-ins; mark-up is plain text."""
    one = begin(house)
    order = new_order(house)
    tell_all(house, order, one)
    who = order["customer"]
    said = [
        f"zorglub {who['first_name']} {who['last_name']} {who['email']}",
        "zorglub vert FR-1042 et 06 12 34 56 78",
        "- zorglub [bleu](colour) {x}\nnouvelle ligne: oui",
        "zorglub FR7630006000011234567890189 12 rue de la Paix 75002 Paris",
        "zorglub https://evil.example/?q=jean",
    ]
    for text in [*said, "  Zorglubs VERT fr-2222 et 07 12 34 56 78"]:
        inbound = say(house, rasa, one, text, "greet", 0.2)
        agent = team[Role.AGENT]
        corrections.check(house, inbound, agent, "give_reason", ["too_small"])
    (block,) = exported(house)
    assert block["intent"] == "give_reason"
    assert block["metadata"] == {"language": "fr", "reasons": ["too_small"]}
    lines = str(block["examples"]).strip().split("\n")
    assert len(lines) == len(said), "the same sentence twice is one example"
    text = str(block)
    secrets = (who["last_name"], who["email"], "1042", "12 34", "3000", "la Paix")
    for secret in (*secrets, "evil", "[", "]", "‹"):
        assert secret not in str(block["examples"]), (secret, text)
    assert all(line.startswith("- zorglub") for line in lines)


def test_what_the_bot_knows_already_is_not_exported(
    house: TestHouse, rasa: FakeRasa, team: dict[Role, Member]
) -> None:
    """A sentence of the training data, in any form of its words."""
    inbound = say(house, rasa, begin(house), "C'EST TROP PETIT", "greet", 0.2)
    corrections.check(house, inbound, team[Role.AGENT], "give_reason", ["too_small"])
    assert exported(house) == []


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("écrivez à jean.dupont@example.fr svp", "jean.dupont"),
        ("mon tel 06.12.34.56.78", "12.34"),
        ("call +44 7700 900123", "7700"),
        ("commande FR-1042", "1042"),
        ("IBAN FR76 3000 6000 0112 3456 7890 189", "3000"),
        ("4111 1111 1111 1111", "1111"),
        ("j'habite 12 bis rue des Lilas à Lyon", "Lilas"),
        ("I live at 221 Baker Street", "Baker"),
        ("postcode SW1A 1AA", "1AA"),
        ("voir http://a.example/moi", "a.example"),
        ("Madame Éléonore de Vigny", "Vigny"),
    ],
)
def test_personal_data_becomes_a_mark(text: str, secret: str) -> None:
    """Whatever its form; ordinary words stay."""
    masked = personal.masked(text, ("Éléonore", "de Vigny", "Vigny"))
    assert secret not in masked and "‹" in masked


def test_ordinary_sentences_stay() -> None:
    """Prices, quantities and sizes are no personal data."""
    for text in ("j'ai payé 64,80 € pour 2 robes en 38", "it broke after 14 days"):
        assert personal.masked(text) == text
