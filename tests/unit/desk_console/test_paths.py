"""Which rule or story a turn followed, told by its own name."""

import pytest

from desk.console import paths
from desk.console.paths import Path

FORM = "what tells the form nothing is not understood"
LOOK_UP = "with order number and e-mail the order is looked up"


@pytest.mark.parametrize(
    ("intent", "actions", "policy", "path"),
    [
        ("thank", ["utter_welcome"], "RulePolicy", Path("rule", "thank you")),
        ("greet", ["utter_greet"], "policy_0_RulePolicy", Path("rule", "hello")),
        (
            "give_reason",
            ["action_not_understood", "return_form"],
            "RulePolicy",
            Path("rule", FORM),
        ),
        ("inform", ["return_form", "action_look_up_order"], "RulePolicy", None),
        ("greet", ["utter_greet"], "TEDPolicy", Path("likeness", None)),
        ("greet", ["nothing_known"], "RulePolicy", Path("rule", None)),
        ("greet", ["utter_greet"], None, None),
    ],
)
def test_a_turns_rule(
    intent: str, actions: list[str], policy: str | None, path: Path | None
) -> None:
    """By intent and actions; what several would fit has no name."""
    found = paths.followed(intent, actions, [policy] * len(actions))
    if actions == ["return_form", "action_look_up_order"]:
        assert found is not None
        assert found.kind == "rule"
    else:
        assert found == path


def test_every_rule_and_story_is_read() -> None:
    """Also those with several intents, and those that begin with the form."""
    turns = paths.turns()
    names = {turn.name for turn in turns}
    assert {"thank you", FORM, LOOK_UP} <= names
    several = [turn for turn in turns if turn.name == FORM]
    assert len(several[0].intents) == 6
    assert {turn.kind for turn in turns} == {"rule", "story"}
