"""Which rule or story a turn followed, by the names that data/ gives them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from returns import own_yaml
from returns.settings import ROOT

# How each of Rasa's policies chooses (config.yml), as words.yml says it.
BY_RULE, BY_STORY, BY_LIKENESS = "rule", "story", "likeness"
POLICIES = {
    "RulePolicy": BY_RULE,
    "MemoizationPolicy": BY_STORY,  # the augmented one too
    "TEDPolicy": BY_LIKENESS,
    "UnexpecTEDIntentPolicy": BY_LIKENESS,
}


@dataclass(frozen=True)
class Path:
    """Why the dialogue went on as it did. kind: rule, story or likeness.

    name: the rule's or story's; None where several would fit, or none.
    """

    kind: str
    name: str | None


@dataclass(frozen=True)
class Turn:
    """What one rule or story says to do after one of these intents.

    intents empty: after an action of the form's own.
    """

    kind: str
    name: str
    intents: tuple[str, ...]
    actions: tuple[str, ...]


def followed(
    intent: str | None, actions: Sequence[str], policies: Sequence[str | None]
) -> Path | None:
    """intent: as it was read. None: no policy chose, such as in a form's own loop."""
    kinds = [kind for policy in policies if (kind := _kind(policy))]
    if not kinds:
        return None
    if kinds[0] == BY_LIKENESS:
        return Path(BY_LIKENESS, None)
    fitting = [
        turn
        for turn in turns()
        if turn.kind == kinds[0] and _fits(turn, intent, actions)
    ]
    longest = max((_weight(turn) for turn in fitting), default=(False, 0))
    names = {turn.name for turn in fitting if _weight(turn) == longest}
    return Path(kinds[0], names.pop() if len(names) == 1 else None)


@cache
def turns() -> tuple[Turn, ...]:
    """Of every rule and story, in the order of the files."""
    return tuple(
        turn
        for folder, kind in (("rules", BY_RULE), ("stories", BY_STORY))
        for path in sorted((ROOT / "data" / folder).glob("*.yml"))
        for told in own_yaml.read(path).get(folder) or ()
        for turn in _turns(kind, str(told[kind]), told["steps"])
    )


def _turns(kind: str, name: str, steps: list[dict[str, Any]]) -> Iterator[Turn]:
    intents: tuple[str, ...] = ()
    actions: list[str] = []
    for step in [*steps, {"intent": ""}]:
        if "intent" in step or "or" in step:
            if actions:
                yield Turn(kind, name, intents, tuple(actions))
            either = step.get("or") or [step]
            intents = tuple(str(one.get("intent", "")) for one in either)
            actions = []
        elif "action" in step:
            actions.append(str(step["action"]))


def _fits(turn: Turn, intent: str | None, actions: Sequence[str]) -> bool:
    """After its intent the turn begins so; without one it is somewhere in it."""
    wide = len(turn.actions)
    if turn.intents:
        return intent in turn.intents and tuple(actions[:wide]) == turn.actions
    places = range(len(actions) - wide + 1)
    return any(tuple(actions[p : p + wide]) == turn.actions for p in places)


def _weight(turn: Turn) -> tuple[bool, int]:
    return bool(turn.intents), len(turn.actions)


def _kind(policy: str | None) -> str | None:
    """Rasa puts a number before the policy's name."""
    known = (kind for name, kind in POLICIES.items() if (policy or "").endswith(name))
    return next(known, None)
