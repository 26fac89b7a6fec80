"""No key, token or password in a tracked file (C8): shapes that only secrets have."""

import re
import subprocess
from pathlib import Path

SHAPES = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s+[A-Za-z0-9+/]{40}",
    "an AWS key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{60,}",
    "a Stripe key": r"\b[sr]k_live_[A-Za-z0-9]{20,}",
    "a Slack token": r"\bxox[abprs]-[A-Za-z0-9-]{20,}",
    "a Meta token": r"\bEAA[A-Za-z0-9]{60,}",
    "a Google key": r"\bAIza[A-Za-z0-9_-]{35}\b",
    "a signed token": r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[\w-]{20,}",
    "a password in an address": r"\b(?:postgresql|redis|https?|smtp)://[^\s/:@'\"<>{]+:"
    r"(?!PASSWORD|[<{$%])[^\s/@'\"<>{]{8,}@(?!127\.|localhost|example)",
    "a secret's value": r"BONRETOUR_SECRET_\w+\s*[=:]\s*['\"]?[0-9a-f]{32}",
}
ONE = re.compile("|".join(f"({shape})" for shape in SHAPES.values()))
LARGEST = 2_000_000


def leaks(root: Path) -> list[str]:
    """Every find as file:line: what, never the secret itself."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False
    )
    found = []
    for name in listed.stdout.decode().split("\0"):
        path = root / name
        if name and path.is_file() and path.stat().st_size < LARGEST:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{name}:{line}: {what}" for line, what in in_text(text)]
    return found


def in_text(text: str) -> list[tuple[int, str]]:
    """Line and kind of everything that looks like a secret."""
    names = list(SHAPES)
    return [
        (text.count("\n", 0, hit.start()) + 1, names[(hit.lastindex or 1) - 1])
        for hit in ONE.finditer(text)
    ]
