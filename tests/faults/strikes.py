"""What happens to a running stack at random times, by a seed."""

import random
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from typing import Self

import httpx
import psycopg

from returns import engines
from tests.databases import SERVER
from tests.stack import Stack

LONGEST_PAUSE = 3.0
MOSTLY, STARTED = 0.8, 120.0
# Rasa takes its seconds to start: killed as often as the others it would never run.
WEIGHTS = {"desk": 3, "actions": 3, "worker": 3, "rasa": 1}


class Striker(ABC):
    """Strikes again and again; what dies of it is started, as the process manager does.

    live: how long /livez took each time, seconds.
    """

    def __init__(self, stack: Stack, dice: random.Random) -> None:
        self.stack, self.dice = stack, dice
        self.strikes = 0
        self.victims: Counter[str] = Counter()
        self.live: list[float] = []
        self._one_hand = threading.Lock()
        self._over = threading.Event()

    def __enter__(self) -> Self:
        self._reviving = threading.Thread(target=self._revive, daemon=True)
        self._reviving.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._over.set()
        self._reviving.join()

    def strike(self, times: int) -> None:
        while self.strikes < times:
            self._pause()
            victims = self._victims()
            self.hit(victims)
            self.victims.update(victims)
            self.strikes += 1

    @abstractmethod
    def _victims(self) -> list[str]:
        """Whom it hits next."""

    @abstractmethod
    def hit(self, victims: list[str]) -> None:
        """Do it, and let them come back."""

    def told(self) -> str:
        return ", ".join(f"{part} {n}" for part, n in sorted(self.victims.items()))

    def _pause(self) -> None:
        """Mostly until all runs again and has work; sometimes into the starting."""
        patience = STARTED if self.dice.random() < MOSTLY else 0.0
        until = time.monotonic() + patience
        while time.monotonic() < until and not self._runs():
            time.sleep(0.2)
        time.sleep(self.dice.uniform(0.2, LONGEST_PAUSE))

    def _runs(self) -> bool:
        try:
            reply = httpx.get(f"{self.stack.url}/readyz", timeout=15, trust_env=False)
        except httpx.TransportError:
            return False
        told = reply.json()  # a problem document while no database can be asked
        return all(told.get(part) for part in ("model", "actions", "worker"))

    def _revive(self) -> None:
        """Whatever ends by itself is started again."""
        while not self._over.wait(0.5):
            with self._one_hand:
                for part, process in list(self.stack.processes.items()):
                    if process.poll() is not None:
                        self.stack.start(part)


class Killer(Striker):
    """kill -9 of one to three processes at once."""

    def _victims(self) -> list[str]:
        many = self.dice.choice((1, 1, 2, 3))
        chosen: list[str] = []
        while len(chosen) < many:
            (part,) = self.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))
            if part not in chosen:
                chosen.append(part)
        return chosen

    def hit(self, victims: list[str]) -> None:
        with self._one_hand:
            for part in victims:
                self.stack.kill(part)
            self.stack.start(*victims)


class Outage(Striker):
    """One or more of the three databases cannot be used for so many seconds.

    SQLite: another process writes and does not end. PostgreSQL: as at its restart,
    every connection is cut and no new one taken; or they are only cut.
    """

    def __init__(self, stack: Stack, dice: random.Random, longest: float) -> None:
        super().__init__(stack, dice)
        self._longest = longest
        self._urls = {
            "desk's": stack.settings.database_url,
            "DBOS's": stack.settings.dbos_url,
            "Rasa's": stack.settings.rasa_database_url,
        }

    def _victims(self) -> list[str]:
        return self.dice.sample(list(self._urls), self.dice.choice((1, 1, 2, 3)))

    def hit(self, victims: list[str]) -> None:
        urls = [self._urls[name] for name in victims]
        sqlite = urls[0].startswith("sqlite")
        seconds = self.dice.uniform(0.1, self._longest)
        (self._lock if sqlite else self._restart)(urls, seconds)

    def _lock(self, urls: list[str], seconds: float) -> None:
        module = engines.sqlite_module()
        others = [
            module.connect(
                url.removeprefix("sqlite:///"), isolation_level=None, timeout=60
            )
            for url in urls
        ]
        try:
            for other in others:
                other.execute("BEGIN IMMEDIATE")
            self._look(seconds)
        finally:
            for other in others:
                other.close()

    def _restart(self, urls: list[str], seconds: float) -> None:
        names = [url.rpartition("/")[2] for url in urls]
        refused = self.dice.random() < 0.5
        with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
            try:
                for name in names:
                    self._cut(server, name, refused)
                self._look(seconds)
            finally:
                for name in names:
                    server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')

    def _cut(
        self, server: psycopg.Connection[tuple[object, ...]], name: str, refused: bool
    ) -> None:
        if refused:
            server.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        server.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
            (name,),
        )

    def _look(self, seconds: float) -> None:
        """The desk says that it lives, all the while."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            asked = time.monotonic()
            url = f"{self.stack.url}/livez"
            assert httpx.get(url, timeout=60, trust_env=False).status_code == 200
            self.live.append(time.monotonic() - asked)
            time.sleep(0.1)
