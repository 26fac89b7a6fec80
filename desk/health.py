"""Liveness and readiness (E16): readiness tells the truth about every part."""

import os
import resource
import shutil
from pathlib import Path

import httpx
import sqlalchemy as sa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from desk.channels import lag
from desk.rasa import RasaClient
from returns.heartbeats import stands_still, workers_alive
from returns.unit import writing
from returns.wiring import House

DISK_FREE_SHARE = 0.1
FILES_FREE_SHARE = 0.1
OPEN_FILES = Path("/proc/self/fd")
DISK_FREE_BYTES = 2 * 2**30  # a tenth of a large disk is no alarm


def routes() -> list[Route]:
    return [Route("/livez", _live), Route("/readyz", _ready)]


async def _live(_request: Request) -> Response:
    return JSONResponse({"alive": True})


async def _ready(request: Request) -> Response:
    state = request.app.state
    parts = await run_in_threadpool(readiness, state.house, state.rasa)
    behind = await run_in_threadpool(_lags, state.house)
    told: dict[str, object] = dict(parts)
    if behind:
        told["lag"] = {channel: vars(one) for channel, one in behind.items()}
        told["channels"] = all(one.is_well for one in behind.values())
    return JSONResponse(told, 200 if all(told.values()) else 503)


def readiness(house: House, rasa: RasaClient) -> dict[str, bool]:
    """Each part by name: database, model, actions, worker, work, disk, files.

    work: none has been due for a minute. disk: it has a tenth or 2 GiB left. files: a
    tenth of what this process may open is left, else new visitors are turned away.
    """
    database, now = _database(house), house.clock.now()
    return {
        "database": database,
        "model": rasa.is_ready(),
        "actions": _actions(house),
        "worker": database and bool(workers_alive(house.reader, now)),
        "work": database and not stands_still(house.reader, now),
        "disk": _disk(house),
        "files": _files(),
    }


def _database(house: House) -> bool:
    try:
        with writing(house) as unit:
            unit.connection.execute(sa.text("SELECT 1"))
        return True
    except sa.exc.SQLAlchemyError:
        return False


def _actions(house: House) -> bool:
    try:
        url = f"{house.settings.actions_url}/health"
        return httpx.get(url, timeout=2.0, trust_env=False).status_code == 200
    except (httpx.HTTPError, OSError):  # OSError: no file may be opened any more
        return False


def _lags(house: House) -> dict[str, lag.Lag]:
    """Nothing where the database is gone, which another part tells."""
    try:
        return lag.lags(house)
    except sa.exc.SQLAlchemyError:
        return {}


def _files() -> bool:
    """True where a system has no such folder."""
    if not OPEN_FILES.exists():
        return True
    most, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        return len(os.listdir(OPEN_FILES)) <= most * (1 - FILES_FREE_SHARE)
    except OSError:  # not even this folder can be opened
        return False


def _disk(house: House) -> bool:
    disk = shutil.disk_usage(house.settings.var)
    return disk.free >= min(disk.total * DISK_FREE_SHARE, DISK_FREE_BYTES)
