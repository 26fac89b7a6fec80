"""What the numbers were taken on."""

import os
import platform
import subprocess
from dataclasses import dataclass
from pathlib import Path

from returns.settings import ROOT

RASA_PYTHON = str(ROOT / ".venv-rasa" / "bin" / "python")
ASK_RASA = (
    "import platform, importlib.metadata as m;"
    "print(platform.python_version(), m.version('rasa'))"
)


@dataclass(frozen=True)
class Machine:
    """memory: of the whole machine, in GB of 1,000,000,000 bytes.

    load: processes that wanted to run in the minute before; much more than 0 on a
    quiet machine means that the numbers are disturbed.
    """

    processor: str
    cores: int
    memory: float
    system: str
    python: str
    rasa_python: str
    rasa: str
    load: float

    def __str__(self) -> str:
        return (
            f"{self.cores} cores ({self.processor}), {self.memory:.0f} GB, "
            f"{self.system}; Python {self.python}, Rasa {self.rasa} on "
            f"Python {self.rasa_python}; load before the run {self.load:.1f}"
        )


def look() -> Machine:
    rasa_python, rasa = _told([RASA_PYTHON, "-c", ASK_RASA]).split()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory=pages / 1e9,
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        rasa_python=rasa_python,
        rasa=rasa,
        load=os.getloadavg()[0],
    )


def commit() -> str:
    """The commit measured, `+` if files differ from it; results do not count."""
    try:
        name = _told(["git", "rev-parse", "--short=10", "HEAD"])
        files = ["--", ".", ":!benchmarks/*.json", ":!benchmarks/RESULTS.md"]
        changed = _told(["git", "status", "--porcelain", *files])
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{name}+" if changed else name


def _told(command: list[str]) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown"
    names = [line.split(":")[1].strip() for line in lines if "model name" in line]
    return names[0] if names else "unknown"
