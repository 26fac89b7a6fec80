"""What the command modules share."""

import argparse
import json
from datetime import datetime
from typing import Any

type Commands = argparse._SubParsersAction[argparse.ArgumentParser]


def print_json(rows: list[Any]) -> None:
    """One array, readable by people and programs."""
    print(json.dumps(rows, ensure_ascii=False, indent=2, default=_plain))


def moment(at: datetime | None) -> str | None:
    """ISO 8601 UTC with Z; None stays None."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def _plain(value: object) -> str | None:
    if isinstance(value, datetime):
        return moment(value)
    return str(value)
