"""Rules that no linter knows: one clock, small modules, short functions, no secrets."""

import ast
import sys
from pathlib import Path

from tests.leaks import leaks

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("actions", "benchmarks", "bot", "cli", "desk", "returns", "worker")
CLOCK = ROOT / "returns" / "clock.py"
# Signed private calls are about real time on one machine, not about the shop's day.
REAL_TIME = {ROOT / "desk" / "rasa.py", ROOT / "bot" / "connector.py"}
TIME_CALLS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("func", "now"),
    ("func", "current_timestamp"),
}
LONGEST_MODULE = 310
# Lists of types and tables, read by looking up one name.
LISTS = {ROOT / "returns" / "model.py", ROOT / "returns" / "tables.py"}
LONGEST_FUNCTION = 40


def problems() -> list[str]:
    """Every breach as file:line: what."""
    found: list[str] = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "versions" not in path.parts:
                found += _of_file(path)
    return found


def _of_file(path: Path) -> list[str]:
    source = path.read_text(encoding="utf-8")
    where = path.relative_to(ROOT)
    found = []
    if len(source.splitlines()) > LONGEST_MODULE and path not in LISTS:
        found.append(f"{where}:1: longer than {LONGEST_MODULE} lines")
    for node in ast.walk(ast.parse(source)):
        if path != CLOCK and path not in REAL_TIME and _tells_time(node):
            found.append(f"{where}:{node.lineno}: time comes from returns/clock.py")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            length -= len((ast.get_docstring(node) or "").splitlines())
            if length > LONGEST_FUNCTION:
                found.append(f"{where}:{node.lineno}: {node.name} is {length} lines")
    return found


def _tells_time(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and (node.func.value.id, node.func.attr) in TIME_CALLS
    )


if __name__ == "__main__":
    told = [*problems(), *leaks(ROOT)]
    print("\n".join(told), end="\n" if told else "")
    sys.exit(1 if told else 0)
