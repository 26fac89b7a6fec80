"""One turn at a time in a conversation, whichever Rasa process has it."""

from __future__ import annotations

import asyncio
import time
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.lock_store import LockError
from rasa.utils.endpoints import EndpointConfig
from redis import Redis
from redis.exceptions import RedisError

from bot import locks
from bot.__main__ import refuse_other_stores
from bot.locks import ConversationLocks, SharedLocks

REDIS = "redis://127.0.0.1:6379/9"
SHORT = 0.4


@pytest.fixture
def redis() -> Any:
    """The machine's Redis; its database 9 is for tests."""
    client = Redis.from_url(REDIS, socket_timeout=2)
    try:
        client.ping()
    except RedisError:
        pytest.skip("no Redis answers on 127.0.0.1:6379")
    return client


def store(url: str = REDIS) -> ConversationLocks:
    """As another process has it: nothing is shared but the address."""
    return ConversationLocks(endpoint_config=EndpointConfig(url, type="x"))


def key_of(talk: str) -> str:
    return f"bonretour:turn:{talk}"


async def most_at_once(stores: list[ConversationLocks], turns: int) -> int:
    """How many of so many turns of one conversation ran at the same time."""
    talk, running, most = uuid.uuid4().hex, 0, 0

    async def turn(n: int) -> None:
        nonlocal running, most
        async with stores[n % len(stores)].lock(talk) as still_held:
            running += 1
            most = max(most, running)
            await asyncio.sleep(0.002)
            still_held()
            running -= 1

    await asyncio.gather(*(turn(n) for n in range(turns)))
    return most


def test_turns_of_one_process_wait_for_each_other() -> None:
    """Fifty at once run one by one."""
    assert asyncio.run(most_at_once([store("memory")], 50)) == 1


def test_turns_of_several_processes_wait_for_each_other(redis: Any) -> None:
    """Fifty at once in five processes run one by one."""
    assert asyncio.run(most_at_once([store() for _ in range(5)], 50)) == 1


def test_conversations_do_not_wait_for_each_other(redis: Any) -> None:
    """One that is held keeps no other."""

    async def both() -> None:
        here, there = store(), store()
        async with here.lock(uuid.uuid4().hex), there.lock(uuid.uuid4().hex):
            pass

    asyncio.run(both())


def test_a_turn_that_blocks_its_process_keeps_its_lock(
    redis: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three lifetimes in one database call: prolonged all the while, then freed."""
    monkeypatch.setattr(locks, "WAIT_SECONDS", 0.05)
    talk, here = uuid.uuid4().hex, store()
    here._shared = SharedLocks(REDIS, SHORT)

    async def hold() -> None:
        async with here.lock(talk) as still_held:
            time.sleep(3 * SHORT)
            with pytest.raises(LockError):
                async with store().lock(talk):
                    pass
            still_held()

    asyncio.run(hold())
    assert redis.get(key_of(talk)) is None


def test_a_dead_process_holds_nothing_for_long(redis: Any) -> None:
    """Its lock has an end."""
    talk = uuid.uuid4().hex

    async def die() -> None:
        shared = SharedLocks(REDIS, SHORT)
        await shared.acquire(talk, time.monotonic() + 1)
        shared._held.clear()  # nobody prolongs it any more
        async with store().lock(talk):
            pass

    asyncio.run(die())


def test_a_lost_lock_is_noticed_and_another_s_is_left_alone(redis: Any) -> None:
    """Whoever was paused for too long may not save, nor free the next one's lock."""
    talk = uuid.uuid4().hex

    async def lose() -> None:
        async with store().lock(talk) as still_held:
            redis.set(key_of(talk), "the token of another", ex=60)
            with pytest.raises(LockError):
                still_held()

    asyncio.run(lose())
    assert redis.get(key_of(talk)) == b"the token of another"
    redis.delete(key_of(talk))


def test_without_redis_no_turn_begins() -> None:
    """A refusal that the desk hears, not a turn without a lock."""
    silent = store("redis://127.0.0.1:9/0")

    async def begin() -> None:
        with pytest.raises(LockError):
            async with silent.lock("talk"):
                raise AssertionError("held")

    asyncio.run(begin())
    assert not silent.answers()
    assert store("memory").answers()


@pytest.mark.parametrize("url", ["", "in_memory", "redis", "http://127.0.0.1:6379"])
def test_a_misspelt_store_is_refused(url: str) -> None:
    """It must not become one that forgets."""
    with pytest.raises(ValueError, match="BONRETOUR_RASA_LOCK_URL"):
        store(url)
    ours = SimpleNamespace(type="bot.trackers.UrlTrackerStore", url="sqlite://")
    with pytest.raises(SystemExit):
        refuse_other_stores(
            SimpleNamespace(
                tracker_store=ours,
                lock_store=SimpleNamespace(type="bot.locks.ConversationLocks", url=url),
            )
        )


@pytest.mark.parametrize("name", ["tracker_store", "lock_store"])
@pytest.mark.parametrize("kind", [None, "redis", "sql", "bot.lock.ConversationLocks"])
def test_rasa_s_own_stores_are_refused(name: str, kind: str | None) -> None:
    """Also a misspelt one, which Rasa silently takes for its own memory."""
    found = {
        "tracker_store": SimpleNamespace(type="bot.trackers.UrlTrackerStore", url=""),
        "lock_store": SimpleNamespace(type="bot.locks.ConversationLocks", url="memory"),
    }
    refuse_other_stores(SimpleNamespace(**found))
    found[name].type = kind
    with pytest.raises(SystemExit, match=name):
        refuse_other_stores(SimpleNamespace(**found))
    with pytest.raises(SystemExit, match=name):
        refuse_other_stores(SimpleNamespace(**{**found, name: None}))
