"""F1, F4: kill -9 before and after every commit, and at every failpoint, of each life.

The lives are in lives.py. Commits are counted, not listed: a new one is killed too.
"""

import os
import random
from collections.abc import Callable, Iterator

import pytest

from returns.sandbox.client import SandboxClient
from tests.databases import KINDS
from tests.faults import lives, mortal
from tests.faults.lives import COMMITS, LIVES, Life, Scene
from tests.faults.mortal import KILLED, RAISED, UNHARMED, Death, Place
from tests.houses import FRIDAY_NOON, opened
from tests.partners import SandboxProcess, sandbox_settings

TRIALS = int(os.environ.get("BONRETOUR_TRIALS", "50"))
SAMPLE = 1  # deaths of each life in `make test`
MOST_COMMITS = 40


@pytest.fixture(scope="module", params=KINDS)
def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    """A house, and its partners as a process of their own."""
    folder = tmp_path_factory.mktemp("mortal")
    settings = sandbox_settings(tmp_path_factory.mktemp("partners"))
    partners = SandboxProcess(settings)
    partners.start()
    books = SandboxClient(settings)
    try:
        with opened(request.param, folder, FRIDAY_NOON) as house:
            url = house.settings.database_url
            house.gateways = mortal.with_mail(settings)
            yield Scene(house, Place(url, folder, FRIDAY_NOON, settings), books)
    finally:
        books.close()
        partners.stop()


def died(scene: Scene, life: Life, death: Death) -> bool:
    """Live once, with this death if it comes; whether it came."""
    lived = life(scene)
    job = next(lived)
    ended = mortal.run(scene.now(), death, job.name, *job.arguments)
    wanted = RAISED if death.connection else KILLED
    assert ended in (wanted, UNHARMED), f"{life.__name__} ended {ended} at {death}"
    assert next(lived, None) is None
    return ended == wanted


def deaths_of(scene: Scene, life: Life) -> list[Death]:
    """Every one there is: each commit is counted by dying after it."""
    found = [Death(point) for point in LIVES[life]]
    for n in range(1, MOST_COMMITS):
        if not died(scene, life, Death(commit=n, after=True)):
            break
        found += [Death(commit=n), Death(commit=n, after=True)]
    assert len(found) - len(LIVES[life]) >= 2 * COMMITS[life]
    return found


@pytest.mark.fault("F1")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
def test_killed_at_any_commit(
    scene: Scene,
    life: Life,
    pytestconfig: pytest.Config,
    record_property: Callable[[str, object], None],
) -> None:
    """Killed before or after any commit, and tried again: done once, and whole."""
    if pytestconfig.getoption("--full"):
        deaths = deaths_of(scene, life)
        record_property("trials", len(deaths) * TRIALS)
        record_property("note", f"{len(deaths)} places, {TRIALS} times each")
        deaths = deaths * TRIALS
    else:
        commits = range(1, COMMITS[life] + 1)
        known = [Death(point) for point in LIVES[life]]
        known += [Death(commit=n, after=a) for n in commits for a in (False, True)]
        deaths = random.Random(life.__name__).sample(known, SAMPLE)
    for death in deaths:
        assert died(scene, life, death), f"{life.__name__} never came to {death}"


@pytest.mark.fault("F10")
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.__name__)
def test_lost_connection_at_any_commit(
    scene: Scene,
    life: Life,
    pytestconfig: pytest.Config,
    record_property: Callable[[str, object], None],
) -> None:
    """Between flush and commit, or before the commit is confirmed: done once, whole."""
    full = pytestconfig.getoption("--full")
    if not full and life not in (lives.receive, lives.pay):
        pytest.skip("with the full counts only")
    trials = TRIALS // 2 if full else 1
    places = [
        Death(commit=n + 1, after=after, connection=True)
        for n in range(COMMITS[life])
        for after in (False, True)
    ]
    record_property("trials", trials * len(places))
    for death in places * trials:
        assert died(scene, life, death), f"{life.__name__} never came to {death}"


@pytest.mark.fault("F4")
@pytest.mark.timeout(3600)
def test_crash_between_the_banks_200_and_our_commit_medusa_16681(
    scene: Scene,
    pytestconfig: pytest.Config,
    record_property: Callable[[str, object], None],
) -> None:
    """medusa#16681 pays again under a new key here; ours asks under the same, once."""
    trials = 100 if pytestconfig.getoption("--full") else 1
    for _ in range(trials):
        assert died(scene, lives.pay, Death("refund.after_call"))
        assert died(scene, lives.pay, Death("refund.before_commit"))
    record_property("trials", 2 * trials)
