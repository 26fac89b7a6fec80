"""Texts and titles within a platform's limits, never cut inside a letter. Pure.

Lengths are counted in UTF-16 units, the most that any reading of Meta's limits counts.
"""

import regex

GRAPHEME = regex.compile(r"\X")
ELLIPSIS = "…"
# Where a long text is best divided: between paragraphs, lines, sentences, words.
SEAMS = ("\n\n", "\n", ". ", " ")
SHORTEST_PIECE = 0.5  # of the limit; a seam before that would make many messages


def length(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def head(text: str, limit: int) -> str:
    """As many whole letters as fit; of one that does not fit by itself, a piece."""
    kept, used = [], 0
    for found in GRAPHEME.finditer(text):
        used += length(found.group())
        if used > limit:
            break
        kept.append(found.group())
    if not kept and text:
        return _piece(text, limit)
    return "".join(kept)


def _piece(text: str, limit: int) -> str:
    used, end = 0, 0
    for character in text:
        used += length(character)
        if used > limit:
            break
        end += 1
    return text[:end]


def title(text: str, limit: int) -> str:
    """On one line, with … where something is left out. Never empty."""
    line = " ".join(text.split())
    if length(line) > limit:
        line = head(line, limit - 1).rstrip() + ELLIPSIS
    return line or ELLIPSIS


def split(text: str, limit: int) -> list[str]:
    """The text in pieces that fit, divided where it hurts least; [] for none."""
    pieces, rest = [], text.strip()
    while length(rest) > limit:
        most = head(rest, limit)
        cut = _seam(most, rest)
        pieces.append(rest[:cut].rstrip() or most)
        rest = rest[cut:].lstrip()
    return [*pieces, rest] if rest else pieces


def _seam(most: str, rest: str) -> int:
    """Where to cut: after the best seam that lies far enough into the text."""
    if rest[len(most) : len(most) + 1].isspace():
        return len(most)
    for seam in SEAMS:
        found = most.rfind(seam)
        if found >= len(most) * SHORTEST_PIECE:
            return found + len(seam)
    return len(most)
