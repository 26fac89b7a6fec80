"""A conversation becomes a test of itself: it parses, tells of nobody, and runs."""

from io import StringIO

from ruamel.yaml import YAML

from desk.console import conversation_tests
from tests.conversations.test_conversations import Talk, check
from tests.orders import new_order
from tests.stack import Stack


def made_of(stack: Stack, conversation_id: str) -> tuple[str, dict[str, object]]:
    text = conversation_tests.as_yaml(stack.house, conversation_id)
    told = YAML(typ="safe").load(StringIO(text))
    check("from the console", told)
    return text, told


def test_a_return_runs_again_from_its_own_file(stack: Stack) -> None:
    """Words, buttons and recap; the runner's order takes the customer's place."""
    customer_of_order = {
        "first_name": "Ghislaine",
        "last_name": "Tournier",
        "is_business": False,
        "email": "ghislaine.tournier@example.org",
        "address": {
            "name": "Ghislaine Tournier",
            "line1": "17 rue de la Huchette",
            "postcode": "69003",
            "city": "Lyon",
            "country": "FR",
        },
    }
    bag = {
        "sku": "NOR-03-NOIR",
        "product_id": "NOR-03",
        "title": "Sac Cabas Lou",
        "options": {"Couleur": "noir"},
        "paid_minor": 4500,
    }
    order = new_order(stack.house, customer=customer_of_order, lines=[{}, bag])
    customer = stack.customer()
    customer.say("bonjour, ici Ghislaine Tournier, je voudrais retourner un article")
    customer.say(order["order_number"].lower())
    customer.say("ghislaine.tournier@example.org")
    customer.press("Sac Cabas Lou")
    customer.press("J'ai changé d'avis")
    customer.say("oui")
    text, told = made_of(stack, customer.conversation_id)
    for secret in ("Ghislaine", "Tournier", "example.org", "Huchette", "69003"):
        assert secret not in text
    assert order["order_number"] not in text
    assert told["kind"] == "happy"
    returned = told["then"]
    assert returned == {
        "returns": [
            {"lines": [{"return_reason": "changed_mind", "resolution": "refund"}]}
        ]
    }
    Talk(stack, told).run()


def test_a_handoff_runs_again(stack: Stack) -> None:
    """Who asked for a person waits for one; nothing was returned."""
    customer = stack.customer("en")
    customer.say("I want to talk to a human, call me on 07700 900123")
    text, told = made_of(stack, customer.conversation_id)
    assert "900123" not in text
    assert (told["kind"], told["language"]) == ("handoff", "en")
    assert told["then"] == {"returns": []}
    assert told["steps"][0]["mode"] == "waiting"  # type: ignore[index]
    Talk(stack, told).run()
