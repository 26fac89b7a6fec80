"""F10: whatever the database does, what is acknowledged is stored, and nothing twice.

Here the desk runs in this process, before a database that fails in many ways.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from desk.tables import inbound_messages, messages
from returns import engines
from tests.databases import KINDS
from tests.desks import FakeRasa, WebClient, enter, web
from tests.faults.mortal import gone
from tests.houses import TestHouse, be_patient, opened

pytestmark = pytest.mark.fault("F10")

IMPATIENT_MS = 300
COMMITS_OF_A_TURN = 2  # stored and claimed, answered

Faulty = Callable[[TestHouse], Any]


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestHouse]:
    """On SQLite, and less patient than in earnest."""
    monkeypatch.setattr(engines, "BUSY_TIMEOUT_MS", IMPATIENT_MS)
    with opened("sqlite", tmp_path) as house:
        be_patient(house.engine, IMPATIENT_MS / 1000)
        yield house


@pytest.fixture(params=KINDS)
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[TestHouse]:
    with opened(request.param, tmp_path) as house:
        yield house


@contextmanager
def locked(house: TestHouse) -> Iterator[None]:
    """Another process writes and does not end."""
    path = house.settings.database_url.removeprefix("sqlite:///")
    other = engines.sqlite_module().connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()


@contextmanager
def pragma(house: TestHouse, bad: str, good: str) -> Iterator[None]:
    """Every connection is told the one, and afterwards the other."""
    wanted = bad

    def tell(connection: Any, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA {wanted}")

    event.listen(house.engine, "checkout", tell)
    yield
    wanted = good


@contextmanager
def full(house: TestHouse) -> Iterator[None]:
    """As a disk without room: no page can be added, and no page is left."""
    with house.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE filler (x)")
    with pragma(house, "max_page_count=1", "max_page_count=1073741823"):
        with suppress(sa.exc.OperationalError):
            while True:
                with house.engine.begin() as connection:
                    connection.exec_driver_sql(
                        "INSERT INTO filler SELECT zeroblob(3000)"
                    )
        yield


def read_only(house: TestHouse) -> Any:
    return pragma(house, "query_only=ON", "query_only=OFF")


def post(client: WebClient, message_id: str, text: str) -> httpx.Response:
    return client.post("/chat/messages", json={"message_id": message_id, "text": text})


def count(house: TestHouse, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(table).where(*where)
    with house.reader.connect() as connection:
        return int(connection.execute(query).scalar_one())


def must_be_there_once(house: TestHouse, talk: str, message_id: str) -> None:
    """One row, one line of the transcript, one answer."""
    mine = inbound_messages.c.conversation_id == talk
    assert count(house, inbound_messages, mine) == 1
    lines = messages.c.conversation_id == talk
    assert count(house, messages, lines, messages.c.author == "customer") == 1
    answers = (lines, messages.c.author == "bot", messages.c.n == 0)
    assert count(house, messages, *answers) == 1


@pytest.mark.parametrize("fault", [locked, full, read_only])
def test_full_locked_or_read_only(house: TestHouse, fault: Faulty) -> None:
    """No message is acknowledged that is not stored; afterwards each is, once."""
    with web(house, FakeRasa()) as client:
        talk = enter(client)["conversation_id"]
        message_id = str(uuid4())
        with fault(house):
            refused = post(client, message_id, "x" * 4000)
            assert refused.status_code == 503, refused.text
            assert refused.headers["retry-after"]
            assert client.get("/livez").status_code == 200
            known = client.get("/readyz").json()["database"]
            assert known is (fault is full)  # that is `disk`'s to tell
            assert client.get("/chat/messages").status_code == 200
        assert count(house, inbound_messages) == 0
        assert post(client, message_id, "x" * 4000).status_code == 200
        must_be_there_once(house, talk, message_id)


def test_locked_does_not_hold_up_the_desk(house: TestHouse) -> None:
    """/livez is answered before those that wait to write; in the end they all are."""
    done: list[str] = []
    tried: list[object] = []
    event.listen(house.engine, "begin", tried.append)
    with web(house, FakeRasa()) as client, locked(house):
        http = client._client

        async def ask(name: str, method: str, path: str) -> int:
            got = await http.request(method, path, json={"language": "fr"})
            done.append(name)
            return got.status_code

        async def all_at_once() -> list[int]:
            writers = [ask("writer", "POST", "/chat/sessions") for _ in range(10)]
            return list(await asyncio.gather(*writers, ask("live", "GET", "/livez")))

        told = client._runner.run(all_at_once())
    assert done[0] == "live"
    assert told == [503] * 10 + [200]
    assert len(tried) < 10  # the others gave up in the queue before the database


def lose_connection(house: TestHouse, commit: int, after: bool) -> None:
    """At this commit from now on, once; after: it was stored, but nobody was told."""
    dialect, done = house.engine.dialect, 0
    plain = type(dialect).do_commit

    def losing(connection: Any) -> None:
        nonlocal done
        done += 1
        if done != commit:
            plain(dialect, connection)
            return
        if after:
            plain(dialect, connection)
        raise gone(connection.dbapi_connection)

    dialect.do_commit = losing  # type: ignore


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("commit", range(1, COMMITS_OF_A_TURN + 1))
def test_lost_connection_in_a_turn(
    any_house: TestHouse, commit: int, after: bool
) -> None:
    """Between flush and commit, or before its confirmation: 503, then one answer."""
    house, message_id = any_house, str(uuid4())
    with web(house, FakeRasa()) as client:
        talk = enter(client)["conversation_id"]
        lose_connection(house, commit, after)
        assert post(client, message_id, "bonjour").status_code == 503
        stored = commit > 1 or after
        assert count(house, inbound_messages) == stored
        house.clock.move(seconds=16)  # the claim of the turn that was cut off
        assert post(client, message_id, "bonjour").status_code == 200
        must_be_there_once(house, talk, message_id)
