"""One turn at a time for each conversation: in one process, or in all on one Redis.

Rasa's own stores give tickets: numbers are used again after one expired, so that its
late holder frees the next one's, and on Redis the queue is read, changed and written
without comparing. Here a lock is one key, set only where there is none, with a token;
only who knows the token prolongs or frees it.
"""

import asyncio
import threading
import time
from contextlib import asynccontextmanager, suppress
from typing import Any, AsyncGenerator, Callable, Optional, Set, Text
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig
from redis import Redis
from redis.exceptions import RedisError
from redis.lock import Lock

MEMORY = "memory"
SCHEMES = ("redis", "rediss")
VARIABLE = "BONRETOUR_RASA_LOCK_URL"
LIFETIME_SECONDS = 20.0
WAIT_SECONDS = 8.0  # the desk's patience with a turn
LOOK_SECONDS = 0.02
ANSWER_SECONDS = 1.0

StillHeld = Callable[[], None]


class ConversationLocks(LockStore):
    """Rasa's lock store; its url is `memory` (one Rasa process) or redis(s)://….

    Raises ValueError for any other.
    """

    def __init__(self, endpoint_config: Optional[EndpointConfig] = None) -> None:
        url = (endpoint_config.url if endpoint_config else None) or ""
        check_url(url)
        self._ours: "WeakValueDictionary[Text, asyncio.Lock]" = WeakValueDictionary()
        self._shared = None if url == MEMORY else SharedLocks(url)

    @asynccontextmanager
    async def lock(
        self, conversation_id: Text, *_rasas: Any, **_defaults: Any
    ) -> AsyncGenerator[StillHeld, None]:
        """Gives what raises LockError once another may hold it: ask before saving.

        Raises LockError when it is not to be had in WAIT_SECONDS.
        """
        until = time.monotonic() + WAIT_SECONDS
        ours = self._ours.setdefault(conversation_id, asyncio.Lock())
        try:
            await asyncio.wait_for(ours.acquire(), WAIT_SECONDS)
        except asyncio.TimeoutError:
            raise LockError("another turn of this process holds it") from None
        try:
            if self._shared is None:
                yield _surely
                return
            shared = self._shared
            held = await shared.acquire(conversation_id, until)
            try:
                yield lambda: shared.prolong(held)
            finally:
                shared.release(held)
        finally:
            ours.release()

    def answers(self) -> bool:
        """Whether locks can be had at all."""
        return self._shared is None or self._shared.answers()


class SharedLocks:
    """Locks on Redis, prolonged by a thread of their own until they are given back.

    A process that stops answering keeps its turn: the thread goes on while the turn
    waits for a database. A process that dies is followed after LIFETIME_SECONDS.
    """

    def __init__(self, url: Text, lifetime: float = LIFETIME_SECONDS) -> None:
        self._redis = Redis.from_url(
            url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS
        )
        self._lifetime = lifetime
        self._held: Set[Lock] = set()
        threading.Thread(target=self._prolong_all, daemon=True).start()

    async def acquire(self, conversation_id: Text, until: float) -> Lock:
        """until: of time.monotonic. Raises LockError, also when Redis is silent."""
        lock = Lock(
            self._redis,
            f"bonretour:turn:{conversation_id}",
            timeout=self._lifetime,
            thread_local=False,
        )
        try:
            while not lock.acquire(blocking=False):
                if time.monotonic() >= until:
                    raise LockError("a turn of another process holds it")
                await asyncio.sleep(LOOK_SECONDS)
        except RedisError as error:
            raise LockError(f"Redis: {type(error).__name__}") from error
        self._held.add(lock)
        return lock

    def prolong(self, lock: Lock) -> None:
        """Raises LockError when it is another's by now, or Redis is silent."""
        try:
            lock.reacquire()
        except RedisError as error:
            raise LockError(f"Redis: {type(error).__name__}") from error

    def release(self, lock: Lock) -> None:
        """If Redis is silent it runs out by itself; another's is left alone."""
        self._held.discard(lock)
        with suppress(RedisError):
            lock.release()

    def answers(self) -> bool:
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False

    def _prolong_all(self) -> None:
        while True:
            time.sleep(self._lifetime / 4)
            for lock in tuple(self._held):
                with suppress(RedisError):
                    lock.reacquire()


def check_url(url: Text) -> None:
    """Raises ValueError; a misspelt store must not become one that forgets."""
    if url != MEMORY and urlsplit(url).scheme not in SCHEMES:
        raise ValueError(f"{VARIABLE}: expected {MEMORY} or redis://HOST:PORT/0")


def _surely() -> None:
    """One process holds its own locks as long as it lives."""
