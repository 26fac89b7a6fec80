"""The worker as a real process: killed, doubled, stalled, edited, robbed."""

import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from returns.tables import work
from returns.waits import SCALE_VARIABLE
from tests.databases import KINDS, throwaway
from tests.integration.worker_bench import (
    PATIENCE_SECONDS,
    TOY,
    Bench,
    kill,
    wait_until,
)
from worker.process import DATABASE_LOST, NAME_LOST, NAME_TAKEN, STOPPED, Stop


@pytest.fixture(params=KINDS)
def bench(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    monkeypatch.setenv(SCALE_VARIABLE, "0.001")
    with throwaway(request.param, tmp_path) as url:
        bench = Bench(url, tmp_path)
        yield bench
        bench.close()


def test_new_work_is_done_one_after_the_other(bench: Bench) -> None:
    """Each push is heard; how soon is for `make bench` to say (benchmarks/work.py)."""
    bench.ready()
    for number in range(11):
        bench.add(f"r{number}")
        bench.wait_state(f"r{number}", "done")


def test_killed_during_a_step(bench: Bench) -> None:
    """A worker killed during a step finishes the work when it is back."""
    bench.hold()
    first = bench.ready()
    bench.add("r1")
    bench.wait_begun("r1")
    kill(first)
    bench.go_on()
    bench.start()
    bench.wait_state("r1", "done")
    assert bench.count("r1", "done") == 1


def test_second_worker_comes_and_goes(bench: Bench) -> None:
    """Another worker's start and stop do not repeat a running step."""
    bench.hold()
    bench.ready()
    bench.add("r1")
    bench.wait_begun("r1")
    second = bench.ready("worker-1")
    second.terminate()
    assert second.wait(PATIENCE_SECONDS) == STOPPED
    bench.go_on()
    bench.wait_state("r1", "done")
    assert (bench.count("r1", "begun"), bench.count("r1", "done")) == (1, 1)


def test_same_name_is_refused(bench: Bench) -> None:
    """A second process with a held name ends with one line that says why."""
    bench.ready()
    second = bench.start(name_wait=0.3)
    output, _ = second.communicate(timeout=PATIENCE_SECONDS)
    assert second.returncode == NAME_TAKEN
    assert output == "worker: another process works as worker-0; not started\n"


def test_name_comes_free_while_waiting(bench: Bench) -> None:
    """A worker that waits for its name gets it when the holder dies."""
    first = bench.ready()
    second = bench.start(name_wait=20)
    kill(first)
    bench.add("r1")
    bench.wait_state("r1", "done")
    assert second.poll() is None


def test_dead_workers_name_is_taken_over(bench: Bench) -> None:
    """A silent dead worker's step is finished by another, its row removed."""
    bench.hold()
    first = bench.ready("worker-7")
    bench.add("r1")
    bench.wait_begun("r1")
    kill(first)
    bench.go_on()
    bench.start("worker-8", stale=0.5)
    bench.wait_state("r1", "done")
    wait_until(lambda: bench.alive() == ["worker-8"], "worker-7 is forgotten")


def test_stalled_worker_keeps_its_name(bench: Bench) -> None:
    """A silent worker that still holds its lock is not robbed of its step."""
    bench.hold()
    first = bench.ready("worker-7")
    bench.add("r1")
    bench.wait_begun("r1")
    bench.stall(first)
    bench.ready("worker-8", stale=0.2)
    bench.add("r2")
    bench.wait_begun("r2")
    bench.wait_beats("worker-8", 5)  # each with two loops that could take over
    assert bench.count("r1", "begun") == 1
    first.send_signal(signal.SIGCONT)
    bench.go_on()
    bench.wait_state("r1", "done")
    assert bench.count("r1", "begun") == 1


def test_edited_source(bench: Bench, tmp_path: Path) -> None:
    """Work begun by one version of a handler is finished by the next."""
    bench.hold()
    first = bench.ready()
    bench.add("r1")
    bench.wait_begun("r1")
    kill(first)
    bench.go_on()
    bench.toy = tmp_path / "toy_worker.py"
    bench.toy.write_text(TOY.read_text().replace('"what": "done"', '"what": "new"'))
    bench.start()
    bench.wait_state("r1", "done")
    assert (bench.count("r1", "done"), bench.count("r1", "new")) == (0, 1)


def test_raising_handler_is_tried_again(bench: Bench) -> None:
    """A handler that raises twice works at the third attempt; no message is logged."""
    process = bench.ready()
    bench.add("flaky-1")
    bench.wait_state("flaky-1", "done")
    assert bench.count("flaky-1", "begun") == 3
    process.terminate()
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert output.count("work.attempt.failed") == 2
    assert "secret words" not in output


def test_retry_after_is_honoured(bench: Bench) -> None:
    """A partner's Retry-After keeps the next attempt away."""
    bench.ready()
    bench.add("patient-1")
    next_at = sa.select(work.c.last_error).where(work.c.subject_id == "patient-1")
    wait_until(lambda: bench.scalar(next_at) == "timeout", "the error is noted")
    for number in range(3):
        bench.add(f"r{number}")
        bench.wait_state(f"r{number}", "done")
    wait_until(lambda: _waits_an_hour(bench), "it waits")
    assert bench.count("patient-1", "begun") == 1


def _waits_an_hour(bench: Bench) -> bool:
    next_at = bench.scalar(
        sa.select(work.c.next_at).where(work.c.subject_id == "patient-1")
    )
    assert isinstance(next_at, datetime)
    return (next_at - datetime.now(UTC)).total_seconds() > 3000


def test_hopeless_work_is_given_up(bench: Bench) -> None:
    """After twelve attempts a person is told, once, and the row says so."""
    bench.ready()
    bench.add("hopeless-1")
    bench.wait_state("hopeless-1", "given_up")
    assert bench.count("hopeless-1", "begun") == 12
    assert bench.count("hopeless-1", "given_up") == 1


def test_dbos_deleted_between_kill_and_restart(bench: Bench) -> None:
    """Everything pending finishes although DBOS forgot it all."""
    bench.hold()
    first = bench.ready()
    for number in range(3):
        bench.add(f"r{number}")
        bench.wait_begun(f"r{number}")
    kill(first)
    bench.delete_dbos()
    bench.add("r3")
    bench.go_on()
    bench.start()
    for number in range(4):
        bench.wait_state(f"r{number}", "done")
        assert bench.count(f"r{number}", "done") == 1


def test_dbos_deleted_while_running(bench: Bench) -> None:
    """The worker says so and ends; started again, it finishes what was pending."""
    bench.hold()
    first = bench.ready()
    bench.add("r1")
    bench.wait_begun("r1")
    bench.delete_dbos()
    output, _ = first.communicate(timeout=PATIENCE_SECONDS)
    assert first.returncode == DATABASE_LOST
    assert "worker: DBOS's database is gone" in output
    bench.go_on()
    bench.start()
    bench.add("r2")
    for subject_id in ("r1", "r2"):
        bench.wait_state(subject_id, "done")


def test_losing_the_name_ends_the_worker(bench: Bench) -> None:
    """A worker whose lock is gone ends at once."""
    process = bench.ready()
    bench.rob_of_name()
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == NAME_LOST
    assert "worker: lost the name worker-0" in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_quietly(bench: Bench, number: signal.Signals) -> None:
    """An idle worker stops when told, with code 0 and not one line of output."""
    process = bench.ready()
    process.send_signal(number)
    output, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert (process.returncode, output) == (STOPPED, "")


def test_stop_cuts_a_long_step(bench: Bench) -> None:
    """A step that outlasts the stop is finished after the next start."""
    bench.hold()
    process = bench.ready(drain=1)
    bench.add("r1")
    bench.wait_begun("r1")
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == STOPPED
    bench.go_on()
    bench.start()
    bench.wait_state("r1", "done")
    assert bench.count("r1", "done") == 1


def test_what_breaks_by_the_stop_is_no_loss(capsys: pytest.CaptureFixture[str]) -> None:
    """DBOS is taken down while the loop may still look whether it lives."""
    stop = Stop()
    stop.event.set()
    stop.because(DATABASE_LOST, "DBOS's database is gone")
    assert (stop.code, capsys.readouterr().err) == (STOPPED, "")
