"""Work is given up for a person, unless it was done meanwhile."""

from pathlib import Path

import sqlalchemy as sa

from returns import workflows
from returns.services import authorisations
from returns.tables import tasks
from returns.work import WorkKind, item_of
from tests.houses import opened
from tests.orders import new_order
from tests.unit.returns.test_money import open_one


def test_what_was_done_meanwhile_is_nobodys_task(tmp_path: Path) -> None:
    """The sweep gives up what its attempt has just finished: no person is asked."""
    with opened("sqlite", tmp_path) as house:
        return_id = open_one(house, new_order(house))
        item = item_of(house.reader, WorkKind.AUTHORISE_RETURN, return_id)
        authorisations.authorise(house, return_id)
        workflows.give_up(house, item)
        with house.reader.connect() as connection:
            query = sa.select(tasks.c.kind).where(tasks.c.return_id == return_id)
            assert connection.execute(query).all() == []
