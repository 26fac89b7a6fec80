"""`sbom`: every package of the three lock files, as CycloneDX, without a network."""

import argparse
import json
import re
from pathlib import Path
from typing import Any

from cli.commands import Commands
from returns.settings import ROOT

PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
PYTHON = {
    "app": ROOT / "requirements/app.lock",
    "rasa": ROOT / "requirements/rasa.lock",
}
NODE = ROOT / "widget" / "package-lock.json"


def add_commands(commands: Commands) -> None:
    listing = commands.add_parser("sbom", help="list every package (CycloneDX JSON)")
    listing.set_defaults(run=tell)


def tell(_asked: argparse.Namespace) -> int:
    print(json.dumps(document(), indent=1))
    return 0


def document() -> dict[str, Any]:
    """One component for each package, version and environment it is in."""
    found = [part for name, path in PYTHON.items() for part in _python(name, path)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "application", "name": "bonretour"}},
        "components": [*found, *_node()],
    }


def _python(environment: str, path: Path) -> list[dict[str, Any]]:
    text = path.read_text(encoding="utf-8")
    places = [*PINNED.finditer(text)]
    ends = [*(place.start() for place in places[1:]), len(text)]
    return [
        _component(
            f"pkg:pypi/{place[1].lower()}@{place[2]}",
            place[1],
            place[2],
            environment,
            HASH.findall(text[place.start() : end]),
        )
        for place, end in zip(places, ends, strict=True)
    ]


def _node() -> list[dict[str, Any]]:
    """Tools that build the widget: none of them reaches a browser or a server."""
    packages = json.loads(NODE.read_text(encoding="utf-8"))["packages"]
    return [
        _component(f"pkg:npm/{name}@{told['version']}", name, told["version"], "widget")
        for path, told in packages.items()
        if (name := path.rpartition("node_modules/")[2])
    ]


def _component(
    purl: str,
    name: str,
    version: str,
    environment: str,
    hashes: list[str] | None = None,
) -> dict[str, Any]:
    listed = [{"alg": "SHA-256", "content": one} for one in hashes or ()]
    return {
        "type": "library",
        "bom-ref": f"{environment}:{purl}",
        "name": name,
        "version": version,
        "purl": purl,
        **({"hashes": listed} if listed else {}),
        "properties": [{"name": "bonretour:environment", "value": environment}],
    }
