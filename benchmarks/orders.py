"""A customer's order number among a million orders, and among 200.

Rows are written by SQL alone, so the tables hold no order lines: what is measured is
the look-up by order number that comes before every proof (returns/repository.py), as
typed with and without its letters, in a warm SQLite file and, where one answers, on
PostgreSQL. `import_orders` measures how real orders get in.
"""

import random
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from benchmarks.tools.measurement import Measurement, spread
from returns import repository
from returns.engines import learn, make_engine, reading
from returns.migrations import migrate
from returns.tables import orders
from tests.databases import KINDS, server_answers, throwaway

MANY, FEW = 1_000_000, 200
LOOK_UPS = 2_000
FIRST = 1_000_000
SEED = 8
MOMENT = "'2026-11-01 12:00:00.000000'"
NUMBERS = {
    "sqlite": """
        WITH RECURSIVE n(i) AS
        (SELECT {first} UNION ALL SELECT i + 1 FROM n WHERE i < {last})
        """,
    "postgresql": "WITH n(i) AS (SELECT * FROM generate_series({first}, {last}))",
}


def run() -> list[Measurement]:
    found: list[Measurement] = []
    for kind in KINDS:
        if kind != "sqlite" and not server_answers():
            continue
        middle = {}
        for count in (FEW, MANY):
            took = _measured(kind, count)
            rows = spread(f"{kind}, {count:,} orders", took, "one look-up, warm")
            found += rows
            middle[count] = float(rows[0].value or 0)
        ratio = middle[MANY] / middle[FEW]
        how = "p50 among a million divided by p50 among 200"
        found.append(Measurement(f"{kind}, million / few", ratio, "times", how))
    return found


def _measured(kind: str, count: int) -> list[float]:
    with (
        tempfile.TemporaryDirectory(prefix="bonretour-bench-") as folder,
        throwaway(kind, Path(folder)) as url,
    ):
        engine = make_engine(url)
        try:
            migrate(engine)
            _fill(engine, kind, count)
            return _look_ups(engine, count)
        finally:
            engine.dispose()


def _fill(engine: sa.Engine, kind: str, count: int) -> None:
    numbers = NUMBERS[kind].format(first=FIRST, last=FIRST + count - 1)
    values = {
        "order_number": "'FR-' || i",
        "order_key": "'fr' || i",
        "order_digits": "CAST(i AS VARCHAR)",
        "email_key": "'customer' || i || '@example.com'",
        "placed_at": MOMENT,
        "status": "'delivered'",
        "language": "'fr'",
        "currency": "'EUR'",
        "customer": """'{"email": "somebody@example.com"}'""",
        "payment_method": "'sandbox'",
        "payment_reference": "'pay-' || i",
        "captured_minor": "5990",
        "shipping_paid_minor": "490",
        "shipping_standard_minor": "490",
        "refunded": "'[]'",
        "updated_at": MOMENT,
    }
    typed = [f"CAST({v} AS {_type(engine, name)})" for name, v in values.items()]
    chosen = typed if kind == "postgresql" else list(values.values())
    names, told = ", ".join(values), ", ".join(chosen)
    # Of names and constants of this file only.
    insert = f"INSERT INTO orders ({names}) {numbers} SELECT {told} FROM n"
    with engine.begin() as connection:
        connection.exec_driver_sql(insert)
    learn(engine)
    if kind == "postgresql":  # as autovacuum does within a minute of an import
        with engine.begin() as connection:
            connection.exec_driver_sql("ANALYZE orders")


def _type(engine: sa.Engine, name: str) -> str:
    return str(orders.c[name].type.compile(engine.dialect))


def _look_ups(engine: sa.Engine, count: int) -> list[float]:
    made = random.Random(SEED)
    took: list[float] = []
    with reading(engine).connect() as connection:
        for place in range(2 * LOOK_UPS):
            number = FIRST + made.randrange(count)
            typed = f"fr-{number}" if place % 2 else str(number)
            began = time.perf_counter()
            (found,) = repository.orders_called(connection, typed)
            if place >= LOOK_UPS:  # the first half warms up
                took.append(time.perf_counter() - began)
            if found.order_number != f"FR-{number}":
                raise AssertionError(f"{typed} gave {found.order_number}")
    return took
