"""Messages without a word: a thumb up is a yes, a thumb down a no, dots are neither.

NLU reads words; what has none all looks alike to it, and most of its examples say yes.
"""

import re
from typing import Any, Dict, List, Pattern, Text, Tuple

Intent = Dict[Text, Any]

# The first that is found counts: a no beside a yes is no yes.
MEANT: List[Tuple[Pattern[Text], Text]] = [
    (re.compile("[👎❌✖🚫🙅]"), "deny"),
    (re.compile("[😡🤬😠👿💢🖕]"), "complain"),
    (re.compile("[👍👌✅✔🆗]"), "affirm"),
    (re.compile("[🙏❤💙💚💛🧡💜😊🥰😍]"), "thank"),
]
UNCLEAR = "nlu_fallback"


def read(text: Text, intent: Intent) -> Intent:
    """The intent of a text; NLU's own, unless there is no word and no sign of a yes."""
    if not text or any(character.isalnum() for character in text):
        return intent
    for sign, name in MEANT:
        if sign.search(text):
            return {"name": name, "confidence": 1.0}
    if intent["name"] == "affirm":
        return {"name": UNCLEAR, "confidence": 1.0}
    return intent
