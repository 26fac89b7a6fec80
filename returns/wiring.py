"""The composition root: who works with what in one process."""

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy import Engine

from returns.clock import Clock
from returns.engines import FEW_CONNECTIONS, make_engine, reading
from returns.errors import ConfigurationError
from returns.failpoints import refuse_in_production
from returns.gateways.mail import SmtpMailer
from returns.gateways.payments import PaymentGateway
from returns.gateways.supplier import SupplierGateway
from returns.queue import DbosQueue
from returns.queue_engine import make_dbos_engine
from returns.settings import Settings, load_settings
from returns.shop import Shop, load_shop
from returns.tables import clock_offset
from returns.waits import refuse_scale_in_production
from returns.work import WorkQueue

CLOCK_CACHE_SECONDS = 0.5


class SharedOffset:
    """The clock's offset from the database, read at most twice a second.

    The engine is the clock's alone: whoever asks for the time may hold a connection,
    and could wait for a second one for ever. A database that cannot be read, or has
    no tables yet, leaves the last offset.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = reading(engine)
        self._one_reader = threading.Lock()
        self._read_at = -CLOCK_CACHE_SECONDS
        self._seconds = 0.0

    def __call__(self) -> float:
        if time.monotonic() - self._read_at >= CLOCK_CACHE_SECONDS:
            with self._one_reader, suppress(sa.exc.SQLAlchemyError):
                if time.monotonic() - self._read_at >= CLOCK_CACHE_SECONDS:
                    self._seconds = self._read()
            self._read_at = time.monotonic()
        return self._seconds

    def _read(self) -> float:
        with self._engine.connect() as connection:
            query = sa.select(clock_offset.c.seconds)
            return connection.execute(query).scalar() or 0.0


class Gateways:
    """The partners, as shop.yml and the environment describe them."""

    def __init__(self, settings: Settings, shop: Shop, clock: Clock) -> None:
        self._settings = settings
        self._shop = shop
        self._clock = clock
        self._suppliers: dict[str, SupplierGateway] = {}
        self._bank: PaymentGateway | None = None

    def supplier(self, name: str) -> SupplierGateway:
        """Raises ConfigurationError when the supplier has no API."""
        if name not in self._suppliers:
            self._suppliers[name] = self._open_supplier(name)
        return self._suppliers[name]

    def payments(self) -> PaymentGateway:
        if self._bank is None:
            self._bank = PaymentGateway(
                f"{self._settings.sandbox_url}/bank",
                self._settings.secret("bank"),
                allow_private=True,
            )
        return self._bank

    def mailer(self) -> SmtpMailer:
        mail = self._shop.mail
        if mail.server == "sandbox":
            return SmtpMailer(
                "127.0.0.1",
                self._settings.sandbox_port + 1,
                mail.sender,
                starttls=False,
                name=self._shop.name,
                reply_to=self._shop.support_email,
                clock=self._clock,
            )
        password = self._settings.secret("mail") if mail.username else None
        return SmtpMailer(
            mail.server,
            mail.port,
            mail.sender,
            starttls=mail.security == "starttls",
            tls=mail.security == "tls",
            username=mail.username,
            password=password,
            name=self._shop.name,
            reply_to=self._shop.support_email,
            clock=self._clock,
        )

    def _open_supplier(self, name: str) -> SupplierGateway:
        supplier = self._shop.supplier(name)
        url = supplier.api_url(self._settings.sandbox_url)
        if url is None:
            raise ConfigurationError(f"supplier {name} has no API in shop.yml")
        return SupplierGateway(
            url,
            self._settings.secret(f"supplier_{supplier.slug}"),
            allow_private=supplier.api == "sandbox",
        )


@dataclass
class House:
    """One process's view of the installation. Nothing connects before it is used."""

    settings: Settings
    shop: Shop
    engine: Engine
    clock: Clock
    queue: WorkQueue
    dispose: list[Callable[[], None]] = field(default_factory=list)

    @cached_property
    def reader(self) -> Engine:
        return reading(self.engine)

    @cached_property
    def gateways(self) -> Gateways:
        return Gateways(self.settings, self.shop, self.clock)

    def close(self) -> None:
        for dispose in reversed(self.dispose):
            dispose()
        self.engine.dispose()


def open_house(settings: Settings | None = None) -> House:
    """Wire a process from environment and shop.yml.

    Raises ConfigurationError for anything that is set wrongly.
    """
    settings = settings or load_settings()
    refuse_in_production(settings.production)
    refuse_scale_in_production(settings.production)
    settings.var.mkdir(parents=True, exist_ok=True)
    most = settings.database_connections
    engine = make_engine(settings.database_url, connections=most)
    clock_engine = make_engine(settings.database_url, connections=FEW_CONNECTIONS)
    clock = Clock(None if settings.production else SharedOffset(clock_engine))
    shop = load_shop(settings.shop_file)
    work_engine = make_dbos_engine(settings.dbos_url)
    queue = DbosQueue(work_engine)
    closing: list[Callable[[], None]] = [clock_engine.dispose, work_engine.dispose]
    return House(settings, shop, engine, clock, queue, closing)
