"""`python -m returns.migrations MESSAGE`: write the next migration."""

import importlib.util
import sys
import tempfile
from pathlib import Path

from returns.engines import make_engine
from returns.migrations import write_migration
from returns.tables import metadata


def main(message: str) -> None:
    # desk's tables join the same metadata; returns must not import desk by name
    if importlib.util.find_spec("desk.tables"):
        importlib.import_module("desk.tables")
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(f"sqlite:///{Path(folder) / 'empty.db'}")
        write_migration(engine, metadata, message)
        engine.dispose()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "change")
