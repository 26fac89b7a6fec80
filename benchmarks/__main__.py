"""`python -m benchmarks [NAME...]`: measure, print a table, keep the results."""

import importlib
import pkgutil
import signal
import sys
import time
from types import ModuleType

import benchmarks
from benchmarks.tools import machine
from benchmarks.tools.measurement import Measurement, from_plain
from benchmarks.tools.report import Record, keep, table
from returns.clock import Clock

UNKNOWN_NAME = 2


def main(wanted: list[str]) -> int:
    names = [
        found.name
        for found in pkgutil.iter_modules(benchmarks.__path__)
        if not found.ispkg and found.name != "__main__"
    ]
    unknown = [name for name in wanted if name not in names]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(names)}")
        return UNKNOWN_NAME
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    failed = False
    for name in wanted or names:
        print(f"{name} …", flush=True)
        record = _measured(name)
        keep([record])
        print(record.problem or table(record.measurements), flush=True)
        failed = failed or record.problem is not None
    return 1 if failed else 0


def _measured(name: str) -> Record:
    here, code = str(machine.look()), machine.commit()
    date = Clock().now().isoformat(timespec="seconds").replace("+00:00", "Z")
    began = time.monotonic()
    found: list[Measurement] = []
    problem = None
    module = importlib.import_module(f"benchmarks.{name}")
    try:
        found = _run(module)
    except Exception as error:  # the others are still to be measured
        problem = f"{type(error).__name__}: {str(error)[:300]}"
    seconds = time.monotonic() - began
    about = _paragraph(module)
    return Record(name, about, date, code, here, seconds, found, problem)


def _run(module: ModuleType) -> list[Measurement]:
    told = module.run()
    if isinstance(told, dict):
        return from_plain(told, _paragraph(module))
    found: list[Measurement] = told
    return found


def _paragraph(module: ModuleType) -> str:
    return " ".join((module.__doc__ or "").split())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
