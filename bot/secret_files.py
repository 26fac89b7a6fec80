"""Secrets and addresses as files: BONRETOUR_…_FILE names one that holds the value.

Plain Python: all rooms use it.
"""

import stat
from pathlib import Path
from typing import MutableMapping, Text

PREFIX, SUFFIX = "BONRETOUR_", "_FILE"
OTHERS = stat.S_IRWXO | stat.S_IWGRP


class SecretFileRefused(Exception):
    """The file cannot be read, or others can; the message names variable and file."""


def read_secret_files(environ: MutableMapping[Text, Text]) -> None:
    """Set each variable whose _FILE is given; again changes nothing.

    Raises SecretFileRefused, also when a variable is given both ways.
    """
    for name in [n for n in environ if n.startswith(PREFIX) and n.endswith(SUFFIX)]:
        variable, path = name[: -len(SUFFIX)], Path(environ[name])
        value = _read(name, path)
        if environ.get(variable, value) != value:
            raise SecretFileRefused(f"{variable} and {name} are both set; keep one")
        environ[variable] = value


def _read(name: Text, path: Path) -> Text:
    try:
        mode = path.stat().st_mode
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        told = type(error).__name__
        raise SecretFileRefused(f"{name}: {path} cannot be read ({told})") from None
    if mode & OTHERS:
        raise SecretFileRefused(f"{name}: others may use {path}; chmod 600 it")
    if not value:
        raise SecretFileRefused(f"{name}: {path} is empty")
    return value
