"""Rules that no linter knows: one clock, small modules and functions, no secrets."""

import ast
import re
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
# What is compared in constant time, by hmac.compare_digest, or by the database.
SECRET = re.compile(r"(signature|digest|hmac|mac|secret|token|password)s?$")
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
    return of_source(path.read_text(encoding="utf-8"), path)


def of_source(source: str, path: Path) -> list[str]:
    """The breaches of a module with this text, wherever it would lie."""
    where = path.relative_to(ROOT)
    found = []
    if len(source.splitlines()) > LONGEST_MODULE and path not in LISTS:
        found.append(f"{where}:1: longer than {LONGEST_MODULE} lines")
    for node in ast.walk(ast.parse(source)):
        if path != CLOCK and path not in REAL_TIME and _tells_time(node):
            found.append(f"{where}:{node.lineno}: time comes from returns/clock.py")
        if isinstance(node, ast.Compare) and _tells_by_time(node):
            found.append(f"{where}:{node.lineno}: secrets: hmac.compare_digest")
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


def _tells_by_time(node: ast.Compare) -> bool:
    """`==` on a secret ends at the first sign that differs."""
    sides = [node.left, *node.comparators]
    if not any(isinstance(how, ast.Eq | ast.NotEq) for how in node.ops):
        return False
    if any(isinstance(side, ast.Constant) or _is_column(side) for side in sides):
        return False
    return any(SECRET.search(_name(side)) for side in sides)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_column(node: ast.expr) -> bool:
    inside = node.value if isinstance(node, ast.Attribute) else None
    return isinstance(inside, ast.Attribute) and inside.attr == "c"


if __name__ == "__main__":
    told = [*problems(), *leaks(ROOT)]
    print("\n".join(told), end="\n" if told else "")
    sys.exit(1 if told else 0)
