"""A product's HTML description as plain text."""

import re
from html.parser import HTMLParser

_TAGS = """
    address article blockquote br dd div dl dt figure footer h1 h2 h3 h4 h5 h6 header
    hr li ol p section table tr ul
"""
BLOCKS = frozenset(_TAGS.split())
CELLS = frozenset(["td", "th"])
UNSEEN = frozenset(["script", "style", "template", "head", "noscript"])


def plain_text(html: str) -> str:
    """What a reader sees: a line for each block, a hyphen before a list's entries."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    text = "\n".join(line for line in lines if line)
    return re.sub(r"(?m)^-$\n?", "", text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(
        self, tag: str, attributes: list[tuple[str, str | None]]
    ) -> None:
        self._unseen += tag in UNSEEN
        if tag in BLOCKS:
            self.parts.append("\n- " if tag == "li" else "\n")
        elif tag in CELLS:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._unseen -= tag in UNSEEN and self._unseen > 0
        if tag in BLOCKS:
            self.parts.append("\n")

    def handle_data(self, text: str) -> None:
        if not self._unseen:
            # A line break in the source is a space to a reader.
            self.parts.append(re.sub(r"\s+", " ", text))
