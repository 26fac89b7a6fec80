"""Product pictures: copied once, when an import names them, and shown from here.

A customer's browser asks nobody but the desk. A picture that cannot be had is a note;
the order is taken in all the same.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy import Connection

from returns import repository
from returns.errors import NotFound, PartnerError, PartnerUnknown, PictureRefused
from returns.gateways.pictures import MOST_BYTES, fetch
from returns.pictures import redrawn
from returns.services import identity
from returns.sql import insert_once
from returns.tables import order_lines, product_pictures, products
from returns.unit import writing
from returns.wiring import House

SIDE = 320  # shown at 52 pixels, sharp on any screen
AT_ONCE = 4
TRIED_AGAIN = timedelta(days=1)
DEAD_AFTER = 3  # pictures in a row of a host that does not answer
ADDRESS = re.compile("[a-z]+:", re.IGNORECASE)
OUR_NAME = re.compile("[0-9a-f]{64}")

type Fetch = Callable[[str], bytes]


@dataclass
class Copied:
    """problems: (source, why there is no copy of it)."""

    count: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)


def copy_missing(house: House, folder: Path, fetch: Fetch = fetch) -> Copied:
    """Copy what orders and products name and has no copy yet, several at once.

    folder: of the import file, where local pictures lie. An address that failed is
    tried again after a day. Stopped in the middle, the next call goes on.
    """
    copied = Copied()
    copying = _Copying(house, folder.resolve(), fetch)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        waiting = {
            threads.submit(copying.copy, source): source for source in _missing(house)
        }
        for done in as_completed(waiting):
            source, problem = waiting[done], done.result()
            if problem is None:
                copied.count += 1
            else:
                copied.problems.append((source, problem))
    copied.problems.sort()
    return copied


def of_conversation(house: House, conversation_id: str, name: str) -> bytes:
    """The JPEG, if it is of an order that this conversation proved. Raises NotFound."""
    with house.reader.connect() as connection:
        if not OUR_NAME.fullmatch(name) or not _may_see(
            connection, house, conversation_id, name
        ):
            raise NotFound(f"no picture {name}")
    try:
        return _path(house, name).read_bytes()
    except FileNotFoundError as error:
        raise NotFound(f"no picture {name}") from error


class _Copying:
    """One run; its methods are called by several threads."""

    def __init__(self, house: House, folder: Path, fetch: Fetch) -> None:
        self._house = house
        self._folder = folder
        self._fetch = fetch
        self._silent: Counter[str] = Counter()

    def copy(self, source: str) -> str | None:
        """None, or why there is no copy."""
        name, problem = None, None
        try:
            picture = redrawn(self._content(source), SIDE)
            name = hashlib.sha256(picture.content).hexdigest()
            _write(_path(self._house, name), picture.content)
        except (PartnerError, PictureRefused) as error:
            problem = error.reason
        except OSError as error:
            problem = error.strerror or "unreadable"
        self._note(source, name, problem)
        return problem

    def _content(self, source: str) -> bytes:
        if not ADDRESS.match(source):
            return self._of_file(source)
        host = urlsplit(source).netloc
        if self._silent[host] >= DEAD_AFTER:
            raise PartnerUnknown("host_does_not_answer")
        try:
            content = self._fetch(source)
        except PartnerUnknown:
            self._silent[host] += 1
            raise
        self._silent[host] = 0
        return content

    def _of_file(self, source: str) -> bytes:
        """Beside the import file or below, and nowhere else."""
        path = (self._folder / source).resolve()
        if not path.is_relative_to(self._folder):
            raise PictureRefused("outside_the_folder")
        if path.stat().st_size > MOST_BYTES:
            raise PictureRefused("too_large")
        return path.read_bytes()

    def _note(self, source: str, name: str | None, problem: str | None) -> None:
        with writing(self._house) as unit:
            told = {"sha256": name, "problem": problem, "tried_at": unit.now}
            if not insert_once(
                unit.connection, product_pictures, source=source, **told
            ):
                unit.connection.execute(
                    product_pictures.update()
                    .where(product_pictures.c.source == source)
                    .values(told)
                )


def _missing(house: House) -> Iterator[str]:
    """Sources without a copy, but for addresses that failed today."""
    with house.reader.connect() as connection:
        known = connection.execute(sa.select(product_pictures)).all()
        named = sa.union(
            sa.select(order_lines.c.image).where(order_lines.c.image.is_not(None)),
            sa.select(products.c.image).where(products.c.image.is_not(None)),
        )
        sources = connection.execute(named).scalars().all()
    lately = house.clock.now() - TRIED_AGAIN
    done = {
        row.source
        for row in known
        if row.sha256 or (ADDRESS.match(row.source) and row.tried_at > lately)
    }
    for source in sorted(sources):
        if source not in done and not repository.OWN_DRAWING.fullmatch(source):
            yield source


def _may_see(
    connection: Connection, house: House, conversation_id: str, name: str
) -> bool:
    numbers = identity.open_orders(connection, conversation_id, house.clock.now())
    query = (
        sa.select(sa.literal(1))
        .select_from(order_lines)
        .outerjoin(products, products.c.product_id == order_lines.c.product_id)
        .join(product_pictures, product_pictures.c.source == repository.IMAGE)
        .where(
            order_lines.c.order_number.in_(numbers), product_pictures.c.sha256 == name
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: another thread may write the same."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.urandom(4).hex()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.replace(path)


def _path(house: House, name: str) -> Path:
    return house.settings.var / "products" / f"{name}.jpg"
