"""What the customer would like instead, where words alone tell it.

Refund and replacement are intents; an exchange, a repair or a reduction is told by
its words, in any message.
"""

from __future__ import annotations

import re

from bot.components.plain import plain

WISHES: dict[str, re.Pattern[str]] = {
    "reduction": re.compile(
        r"\b(?:reductions?|remises?|ristournes?|rabais|gestes? commercia\w+"
        r"|rembourse\w* (?:en )?partie\w*|(?:avoir|remboursement|refund) partiel\w*"
        r"|discounts?|partial refund|money off|reduced price|part of my money)\b"
    ),
    "repair": re.compile(
        r"\b(?:repar(?:er|ez|ation|ations|e|es|able)|repair(?:ed|s|ing)?"
        r"|fix(?:ed)? (?:it|them|this)|(?:have|get) (?:it|them) fixed)\b"
    ),
    "exchange": re.compile(
        r"\b(?:echang\w+|exchang\w+|swap\w*|troquer"
        r"|(?:une|la|en) (?:autre|nouvelle) (?:taille|pointure|couleur)"
        r"|taille (?:au[ -]dessus|en dessous|superieure|inferieure|plus \w+)"
        r"|(?:a |the )?(?:different|another|bigger|larger|smaller|next)"
        r" (?:size|colou?r)(?: up| down)?|size (?:up|down))\b"
    ),
}
DENIED = re.compile(
    r"\b(?:pas|plus|ni|non|not|no|don'?t want|without|sans)\b(?: \w+){0,3} ?$"
)


def find_wish(text: str) -> tuple[str, int, int] | None:
    """The first wish that is not denied, with its span; None when there is none."""
    words = plain(text)
    if len(words) != len(text):
        words = text.casefold()
    for wish, pattern in WISHES.items():
        for match in pattern.finditer(words):
            if not DENIED.search(words[: match.start()].rstrip(" ,")):
                return wish, match.start(), match.end()
    return None
