"""What Alembic runs; the connection comes from returns.migrations."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection


def _spell(
    kind: str, item: Any, autogen_context: AutogenContext
) -> str | Literal[False]:
    if kind != "type" or type(item).__name__ != "Moment":
        return False
    autogen_context.imports.add("from returns.tables import Moment")
    return "Moment()"


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=context.config.attributes.get("metadata"),
        render_item=_spell,
        compare_type=True,
        render_as_batch=connection.dialect.name == "sqlite",
    )
    context.run_migrations()


_run(context.config.attributes["connection"])
