"""What must never mislead a reader: characters that hide or turn the writing (C6)."""

import re

# Zero-width characters, direction marks and overrides, other controls, tags.
HIDDEN = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\U000e0000-\U000e007f"
    "\x00-\x08\x0b-\x1f\x7f-\x9f]"
)


def marked(text: str) -> str:
    """The text with each such character as a visible mark, such as ⟦202E⟧."""
    return HIDDEN.sub(lambda found: f"⟦{ord(found[0]):04X}⟧", str(text))
