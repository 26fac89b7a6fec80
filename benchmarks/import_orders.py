"""Data in: 100,000 orders from Shopify's export and from JSON Lines, then look-ups.

Each import is a process of its own on a new SQLite database; its peak memory is the
process's. The look-up is that of a customer's order number and e-mail, at random, in
that database and in one of 200 orders.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

from returns import keys, repository
from returns.clock import Clock
from returns.engines import make_engine, reading
from returns.importing import IMPORTERS
from returns.importing.reading import Read, read_lines
from returns.importing.shopify import read_shopify_orders
from returns.importing.shopify.catalogue import Catalogue
from returns.settings import ROOT
from returns.shop import Shop, load_shop
from returns.tables import metadata
from tests import shopify_exports as exports

ORDERS = 100_000
FEW = 200
LOOK_UPS = 10_000
FIRST_NUMBER = 100_000
SEED = 20_261_122
GOODS = (
    ("Robe en lin - 38 / Bleu", "NOR-01-38-BLEU", "Nordlys Apparel", 5990),
    ("Lampe Lune", "LUM-07", "Maison Lumen", 8900),
    ("Coussin - Ocre", "LUM-12-OCRE", "Maison Lumen", 2495),
    ("Écouteurs", "SHB-03", "Shenzhen Brightway", 3450),
)

type Numbers = dict[str, float | int | str]


def run() -> Numbers:
    """Measure; a few minutes. Seconds, MiB and microseconds, as the names say."""
    with tempfile.TemporaryDirectory(prefix="bonretour-bench-") as name:
        folder = Path(name)
        few = _files(folder, FEW)
        many = _files(folder, ORDERS)
        small = _imported(few["csv"], folder / "few.db")
        csv = _imported(many["csv"], folder / "csv.db")
        again = _imported(many["csv"], folder / "csv.db")
        lines = _imported(many["jsonl"], folder / "jsonl.db")
        slow = _look_ups(folder / "csv.db", ORDERS)
        quick = _look_ups(folder / "few.db", FEW)
    return {
        "orders": ORDERS,
        "order_lines": int(csv["lines"]),
        "shopify_csv_seconds": csv["seconds"],
        "shopify_csv_cpu_seconds": csv["cpu_seconds"],
        "shopify_csv_peak_mib": csv["peak_mib"],
        "shopify_csv_again_seconds": again["seconds"],
        "shopify_csv_again_cpu_seconds": again["cpu_seconds"],
        "json_lines_seconds": lines["seconds"],
        "json_lines_cpu_seconds": lines["cpu_seconds"],
        "json_lines_peak_mib": lines["peak_mib"],
        "peak_mib_of_200_orders": small["peak_mib"],
        "look_up_median_us": round(median(slow), 1),
        "look_up_p95_us": round(_p95(slow), 1),
        "look_up_median_us_of_200_orders": round(median(quick), 1),
        "look_up_ratio": round(median(slow) / median(quick), 2),
    }


def _files(folder: Path, count: int) -> dict[str, Path]:
    """The same orders as Shopify's export and as JSON Lines."""
    made = random.Random(SEED)
    sheet, plain = folder / f"{count}.csv", folder / f"{count}.jsonl"
    exports.write_all(sheet, _orders(made, count))
    read = read_shopify_orders(read_lines(sheet), _shop(), Catalogue([]))
    with plain.open("w", encoding="utf-8") as file:
        for entry in read:
            if not isinstance(entry, Read):
                raise ValueError(f"line {entry[0]}: {entry[1]}")
            file.write(entry.value.model_dump_json() + "\n")
    return {"csv": sheet, "jsonl": plain}


def _orders(made: random.Random, count: int) -> Iterator[list[exports.Cells]]:
    for number in range(FIRST_NUMBER, FIRST_NUMBER + count):
        bought = made.choices(GOODS, k=made.choice((1, 1, 1, 2, 3)))
        goods = sum(price for *_, price in bought)
        off = goods // 10 if made.random() < 0.2 else 0
        items = [
            exports.item(
                name,
                **{
                    "Lineitem sku": sku,
                    "Vendor": vendor,
                    "Lineitem price": _text(price),
                },
            )
            for name, sku, vendor, price in bought
        ]
        yield exports.order(
            f"#{number}",
            items,
            **{
                "Email": _email(number),
                "Subtotal": _text(goods - off),
                "Discount Amount": _text(off),
                "Total": _text(goods - off + 490),
                "Notes": 'Sonnez "Durand",\n3e étage' if number % 7 == 0 else "",
            },
        )


def _text(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02}"


def _email(number: int) -> str:
    return f"customer{number}@example.com"


def _shop() -> Shop:
    return load_shop(ROOT / "shop.yml")


def _imported(file: Path, database: Path) -> dict[str, float]:
    """Import in a process of its own; what `_take_in` tells."""
    command = [sys.executable, "-m", "benchmarks.import_orders"]
    done = subprocess.run(
        [*command, str(file), str(database)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def _take_in(file: Path, database: Path) -> dict[str, float]:
    engine = make_engine(f"sqlite:///{database}")
    metadata.create_all(engine)
    began, worked = time.monotonic(), time.process_time()
    report = IMPORTERS["orders"](engine, _shop(), file, Clock().now())
    seconds, worked = time.monotonic() - began, time.process_time() - worked
    if report.problems:
        raise ValueError(f"{len(report.problems)} problems: {report.problems[0]}")
    with engine.connect() as connection:
        lines = connection.exec_driver_sql("SELECT count(*) FROM order_lines").scalar()
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": round(seconds, 1),
        "cpu_seconds": round(worked, 1),
        "peak_mib": round(peak_kib / 1024, 1),
        "lines": lines or 0,
    }


def _look_ups(database: Path, count: int) -> list[float]:
    """Microseconds of each look-up."""
    made = random.Random(SEED)
    engine = make_engine(f"sqlite:///{database}")
    took: list[float] = []
    with reading(engine).connect() as connection:
        for _ in range(LOOK_UPS):
            number = FIRST_NUMBER + made.randrange(count)
            began = time.perf_counter()
            (found,) = repository.orders_called(connection, f"#{number}")
            took.append((time.perf_counter() - began) * 1e6)
            if found.email_key != keys.email_key(_email(number)):
                raise ValueError(f"order #{number} was not found")
    engine.dispose()
    return took


def _p95(took: list[float]) -> float:
    return quantiles(took, n=20)[-1]


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(_take_in(Path(sys.argv[1]), Path(sys.argv[2]))))
    else:
        print(json.dumps(run(), indent=2))
