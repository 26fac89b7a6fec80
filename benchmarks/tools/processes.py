"""Processes that certainly end, and what memory and CPU they use."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

LEAVE_SECONDS = 30.0


@contextmanager
def running(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """The process with whatever it starts; all of it is gone afterwards."""
    with open(log, "ab") as lines:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=lines,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    family = descendants(process.pid)
    process.terminate()
    try:
        process.wait(timeout=LEAVE_SECONDS)
    except subprocess.TimeoutExpired:
        family |= descendants(process.pid)
        process.kill()
        process.wait()
    for pid in family & _all_parents().keys():
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def descendants(pid: int) -> set[int]:
    """Children, their children, and so on."""
    parents = _all_parents()
    found: set[int] = set()
    fresh = {pid}
    while fresh:
        fresh = {child for child, parent in parents.items() if parent in fresh}
        fresh -= found
        found |= fresh
    return found


def _all_parents() -> dict[int, int]:
    listed = subprocess.run(
        ["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True
    )
    pairs = (line.split() for line in listed.stdout.splitlines())
    return {int(pid): int(parent) for pid, parent in pairs}


def memory_mb(pid: int) -> tuple[float, float]:
    """Resident memory now and at its highest, in MB of 1,000,000 bytes (Linux)."""
    told = dict(
        line.split(":", 1)
        for line in Path(f"/proc/{pid}/status").read_text().splitlines()
    )
    now, highest = (int(told[key].split()[0]) for key in ("VmRSS", "VmHWM"))
    return now * 1024 / 1e6, highest * 1024 / 1e6


def cpu_seconds(pid: int) -> float:
    """What all threads of the process have used so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
