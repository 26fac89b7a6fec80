"""Reads YAML files of our own, which are right: a tenth of the time of a checked one.

What a shop writes is read by checked_yaml.py, which names each mistake.
"""

from pathlib import Path
from typing import Any

import yaml


def read(path: Path) -> Any:
    """Raises OSError, yaml.YAMLError."""
    text = path.read_text(encoding="utf-8")
    return yaml.load(text, Loader=yaml.CSafeLoader)
