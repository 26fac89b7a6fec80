"""Understanding: our pipeline beside the one that `rasa init` gives.

Both parse the sentences of tests/nlu/fresh_{fr,en}.jsonl through Rasa's Agent, each in
a process of its own without server, sentence by sentence in turns. Stock: `rasa init`'s
pipeline (DIET) trained on data/nlu for five epochs, since their number changes what it
learns, but neither size, memory nor speed. Nothing is said here of how well it
understands.
"""

import json
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.tools.machine import RASA_PYTHON
from benchmarks.tools.measurement import Measurement, percentile, spread
from cli import training
from returns.settings import ROOT, load_settings

TEXTS = [ROOT / "tests" / "nlu" / f"fresh_{lang}.jsonl" for lang in ("fr", "en")]
WARM_UP = 10
LONGEST_TRAINING_SECONDS = 300.0
RATIO = "stock divided by ours: over 1, ours is smaller or faster"


class Reader:
    """A process that has a model loaded and parses when asked."""

    def __init__(self, model: Path, log: Path) -> None:
        self.model_mb = model.stat().st_size / 1e6
        self.seconds: list[float] = []
        self.cpu_seconds: list[float] = []
        with open(log, "wb") as lines:
            self._process = subprocess.Popen(
                _command("parse", str(model)),
                cwd=ROOT,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=lines,
                text=True,
            )
        self.load_seconds = self._heard()["load_seconds"]

    def parse(self, text: str) -> None:
        told = self._asked(text)
        self.seconds.append(told["seconds"])
        self.cpu_seconds.append(told["cpu_seconds"])

    def finish(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self.memory_mb = self._heard()["memory_mb"]

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def warm_up(self, texts: Sequence[str]) -> None:
        for text in texts:
            self._asked(text)

    def _asked(self, text: str) -> dict[str, float]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(text) + "\n")
        self._process.stdin.flush()
        return self._heard()

    def _heard(self) -> dict[str, float]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process with the model ended")
        told: dict[str, float] = json.loads(line)
        return told


def run() -> list[Measurement]:
    models = {"ours": training.ensure_model(load_settings())}
    ours = _train_ours()
    with tempfile.TemporaryDirectory(prefix="bonretour-bench-") as folder:
        stock = Path(folder) / "stock.tar.gz"
        trained = _train(stock)
        if trained.value is not None:
            models["stock"] = stock
        readers = _parse_in_turns(models, Path(folder))
    found = [m for whose, reader in readers.items() for m in _told(whose, reader)]
    return [*found, ours, trained, *(_ratios(**readers) if "stock" in readers else [])]


def _train_ours() -> Measurement:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory(prefix="bonretour-bench-") as folder:
        training.train(Path(folder) / "ours.tar.gz")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Measurement("ours, training, CPU", cpu, "s", "with Rasa's own start")


def _train(target: Path) -> Measurement:
    began = time.monotonic()
    try:
        done = subprocess.run(
            _command("train_stock", str(target)),
            cwd=ROOT,
            env=_environment(),
            capture_output=True,
            text=True,
            timeout=LONGEST_TRAINING_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        why = f"not measured: took more than {LONGEST_TRAINING_SECONDS:.0f} s"
        return Measurement("stock, training", None, "", why)
    if done.returncode != 0:
        raise RuntimeError(f"stock training failed: {done.stderr[-300:]}")
    seconds = time.monotonic() - began
    return Measurement("stock, training", seconds, "s", "five epochs, with imports")


def _parse_in_turns(models: dict[str, Path], folder: Path) -> dict[str, Reader]:
    lines = [line for file in TEXTS for line in file.read_text().splitlines()]
    texts = [json.loads(line)["text"] for line in lines]
    readers: dict[str, Reader] = {}
    with ExitStack() as started:
        for whose, model in models.items():
            readers[whose] = Reader(model, folder / f"{whose}.log")
            started.callback(readers[whose].close)
            readers[whose].warm_up(texts[:WARM_UP])
        for text in texts:
            for reader in readers.values():
                reader.parse(text)
        for reader in readers.values():
            reader.finish()
    return readers


def _told(whose: str, reader: Reader) -> list[Measurement]:
    worked = percentile(reader.cpu_seconds, 50) * 1000
    loading = "Agent.load, Rasa itself already imported"
    return [
        *spread(f"{whose}, parse", reader.seconds, "Agent.parse_message"),
        Measurement(f"{whose}, parse, CPU p50", worked, "ms", "of all threads"),
        Measurement(f"{whose}, model", reader.model_mb, "MB", "the .tar.gz"),
        Measurement(f"{whose}, load", reader.load_seconds, "s", loading),
        Measurement(f"{whose}, highest memory", reader.memory_mb, "MB", "ru_maxrss"),
    ]


def _ratios(ours: Reader, stock: Reader) -> list[Measurement]:
    rows = {
        "parse p50": percentile(stock.seconds, 50) / percentile(ours.seconds, 50),
        "model": stock.model_mb / ours.model_mb,
        "load": stock.load_seconds / ours.load_seconds,
        "highest memory": stock.memory_mb / ours.memory_mb,
    }
    return [
        Measurement(f"stock / ours, {w}", v, "times", RATIO) for w, v in rows.items()
    ]


def _command(module: str, *arguments: str) -> list[str]:
    return [RASA_PYTHON, "-m", f"benchmarks.in_rasa.{module}", *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
