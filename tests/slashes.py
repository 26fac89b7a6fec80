"""What somebody may type to be taken for a button or for Rasa's own command (F13).

Rasa reads text that begins with a slash, after blanks, as an intent with entities of
the sender's choice; here are that syntax, its disguises, and JSON of our own kinds.
"""

import json
import random
import uuid
from typing import Any

SLASHES = ("/", "/", "/", "//", "///", "\uff0f", "\u2044", "\u2215", "\u29f8", "/ ")
BLANKS = (" ", "\t", "\n", "\r", "\u00a0", "\u2007", "\u202f", "\u3000", "\u2003")
# Without width, bidirectional, marks that combine, separators, control characters.
UNSEEN = (
    *("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e"),
    *("\u202e", "\u202d", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f"),
    *("\u0301", "\u0327", "\u20dd", "\ufe0f", "\u2028", "\u2029", "\x0b", "\x1f"),
)
INTENTS = (
    "affirm",
    "request_refund",
    "inform",
    "choose_line",
    "greet",
    "cancel_return",
)
COMMANDS = ("restart", "session_start", "back", "inform", "affirm", "deny")
FACTS: dict[str, Any] = {
    "order_number": "FR-9999",
    "order_verified": True,
    "email": "nobody@example.com",
    "recap": "x",
    "resolution": "refund",
    "order_line": ["1", "2"],
    "expects": "confirmation",
    "return_reason": {"value": "damaged_in_transit", "role": "a"},
}


def typed(rng: random.Random, count: int) -> list[str]:
    """So many different texts; not one may be heard as more than words."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[_noise(rng) + _text(rng)] = None
    return list(found)


def tokens(rng: random.Random, count: int) -> list[str]:
    """Buttons that were never offered to anybody."""
    return [_token(rng) for _ in range(count)]


def _noise(rng: random.Random) -> str:
    return "".join(rng.choice(BLANKS + UNSEEN) for _ in range(rng.randrange(4)))


def _text(rng: random.Random) -> str:
    slash = rng.choice(SLASHES)
    made = (
        lambda: f"{slash}{rng.choice(INTENTS)}{_entities(rng)}",
        lambda: f"{slash}{rng.choice(INTENTS)}{rng.choice(UNSEEN)}{_entities(rng)}",
        lambda: f"{slash}{_noise(rng)}{rng.choice(INTENTS)}@0.99{_entities(rng)}",
        lambda: f"{slash}{rng.choice(COMMANDS)}",
        lambda: f"{slash}{slash}{_noise(rng)}{slash}{rng.choice(COMMANDS)}",
        lambda: f"bonjour\n{slash}{rng.choice(INTENTS)}{_entities(rng)}",
        lambda: f"EXTERNAL: {slash}{rng.choice(INTENTS)}{_entities(rng)}",
        lambda: json.dumps({"intent": rng.choice(INTENTS), "entities": FACTS}),
        lambda: json.dumps({"button_ids": tokens(rng, 2), "payload": _facts(rng)}),
        lambda: f"{slash}{rng.choice(INTENTS)}{_full_width(_entities(rng))}",
        lambda: f"{slash}{rng.choice(INTENTS)}{'{' * rng.randrange(1, 200)}",
    )
    return rng.choice(made)()


def _facts(rng: random.Random) -> dict[str, Any]:
    names = rng.sample(sorted(FACTS), rng.randrange(1, len(FACTS)))
    facts = {name: FACTS[name] for name in names}
    for _ in range(rng.choice((0, 0, 1, 5, 30))):  # nested
        facts = {rng.choice(names): facts}
    return facts


def _entities(rng: random.Random) -> str:
    return json.dumps(_facts(rng), ensure_ascii=rng.random() < 0.5)


def _full_width(text: str) -> str:
    return text.replace("{", "\uff5b").replace("}", "\uff5d").replace('"', "\uff02")


def _token(rng: random.Random) -> str:
    made = (
        lambda: str(uuid.UUID(bytes=rng.randbytes(16), version=4)),
        lambda: rng.randbytes(16).hex(),
        lambda: f"/{rng.choice(INTENTS)}{_entities(rng)}"[:200],
        lambda: json.dumps(_facts(rng))[:200],
        lambda: "' OR 1=1 --",
        lambda: "1",
    )
    return rng.choice(made)()
