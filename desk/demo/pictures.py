"""The demo shop's pictures: our own drawings (motifs.yml), one for each product."""

import re
from functools import cache
from pathlib import Path

from returns import own_yaml

COLOURS = {"D": "#3a3f3a", "L": "#fdfaf3"}
NAMED = re.compile(r'="([A-Z])"')


@cache
def drawn() -> dict[str, str]:
    """Every picture as SVG, by product_id."""
    path = Path(__file__).with_name("motifs.yml")
    motifs = own_yaml.read(path)
    return {product_id: _svg(motif) for product_id, motif in motifs.items()}


def _svg(motif: dict[str, str]) -> str:
    colours = {**COLOURS, **motif}
    drawing = NAMED.sub(lambda name: f'="{colours[name.group(1)]}"', motif["drawing"])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400">'
        f'<path fill="{motif["ground"]}" d="M0 0h400v400H0z"/>'
        '<circle cx="200" cy="196" r="152" fill="#fff" opacity=".32"/>'
        '<ellipse cx="200" cy="332" rx="118" ry="12" opacity=".1"/>'
        f"{drawing}</svg>"
    )
