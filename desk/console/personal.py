"""Personal data in a text, as marks: for viewers, and for what leaves the shop. Pure.

Not a proof of anonymity: a name that no order knows stays. Whoever merges an export
reads it first, as docs/console.md says.
"""

import re
from collections.abc import Iterable

PATTERNS = (
    ("lien", re.compile(r"(?:https?://|www\.)\S+", re.I)),
    ("e-mail", re.compile(r"[^\s@<>,;:()]{1,64}@[^\s@<>,;:()]+", re.I)),
    (
        "iban",
        re.compile(
            r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b", re.I
        ),
    ),
    ("commande", re.compile(r"\b[A-Z]{2,3}-?\d{3,}(?:[-/]\d+)*\b", re.I)),
    ("commande", re.compile(r"\b(?:[A-Z]{2,3}|fr|uk)[ ]\d{3,}\b")),
    (
        "adresse",
        re.compile(
            r"\b\d{1,4}\s*(?:bis|ter)?,?\s+(?:rue|avenue|av\.?|boulevard|bd\.?|place|"
            r"chemin|impasse|allée|allee|quai|route|cours|square)\s+[^\n,.;!?]{2,60}",
            re.I,
        ),
    ),
    (
        "adresse",
        re.compile(
            r"\b\d{1,4}[a-z]?\s+(?:[A-Z][\w'-]+\s+){1,4}"
            r"(?:Street|St|Road|Rd|Lane|Avenue|Ave|Drive|Close|Way|Court)\b\.?"
        ),
    ),
    ("cp", re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\b", re.I)),
    ("numéro", re.compile(r"(?<!\w)\+?\d(?:[\s.\-/()]{0,2}\d){4,}(?!\w)")),
)
SHORTEST_NAME = 2


def masked(text: str, known: Iterable[str] = ()) -> str:
    """known: names and address lines of this conversation's customer."""
    for kind, pattern in PATTERNS:
        text = pattern.sub(f"‹{kind}›", text)
    words = {word for word in known if len(word) >= SHORTEST_NAME}
    for word in sorted(words, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "‹nom›", text, flags=re.I)
    return text


def initials(first: str, last: str) -> str:
    """Such as "C. D."; a dash for nobody."""
    parts = [f"{part[0].upper()}." for part in (first.strip(), last.strip()) if part]
    return " ".join(parts) or "–"
