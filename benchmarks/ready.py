"""`./bonretour run` with a trained model, from the command to `/readyz` saying yes.

Both starts are on a free set of ports in a folder of its own, SQLite. The first one
also makes the tables and the demo's orders; the second is what a restart costs.
"""

import os
import tempfile
import time
from pathlib import Path

from benchmarks.tools.measurement import Measurement
from benchmarks.tools.processes import running
from benchmarks.tools.product import wait_until_ok
from cli import training
from returns.settings import ROOT, load_settings
from tests.partners import free_ports

SECOND_STARTS = 3


def run() -> list[Measurement]:
    model = training.ensure_model(load_settings())
    with tempfile.TemporaryDirectory(prefix="bonretour-bench-") as folder:
        var = Path(folder) / "var"
        var.mkdir()
        (var / "models").symlink_to(model.parent)
        first, _ = _start(var)
        later = [_start(var) for _ in range(SECOND_STARTS)]
    whole, rasa = (
        sorted(seconds)[SECOND_STARTS // 2] for seconds in zip(*later, strict=True)
    )
    how = f"median of {SECOND_STARTS}, the model is trained"
    return [
        Measurement("first start to ready", first, "s", "one start, model trained"),
        Measurement("second start to ready", whole, "s", how),
        Measurement("of it until Rasa is ready", rasa, "s", f"same starts, {how}"),
    ]


def _start(var: Path) -> tuple[float, float]:
    """Seconds from the command until all is ready, and until Rasa is."""
    port = free_ports(5)
    environment = {
        **os.environ,
        "BONRETOUR_VAR": str(var),
        "BONRETOUR_PORT": str(port),
        "BONRETOUR_RASA_PORT": str(port + 1),
        "BONRETOUR_ACTIONS_PORT": str(port + 2),
        "BONRETOUR_SANDBOX_PORT": str(port + 3),
    }
    began = time.monotonic()
    command = [str(ROOT / "bonretour"), "run"]
    with running(command, ROOT, environment, var / "run.log"):
        wait_until_ok(f"http://127.0.0.1:{port + 1}/ready")
        rasa = time.monotonic() - began
        wait_until_ok(f"http://127.0.0.1:{port}/readyz")
        return time.monotonic() - began, rasa
