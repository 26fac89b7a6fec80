"""The same as `console`, on PostgreSQL: the staff console over 1,000,000 messages."""

from benchmarks import console
from benchmarks.tools.measurement import Measurement
from tests.databases import server_answers


def run() -> list[Measurement]:
    if not server_answers():
        why = "no PostgreSQL answers where tests/databases.py looks"
        return [Measurement("pages", None, "ms", why)]
    return console.on("postgresql")
