"""After a restore: what partners told us since the backup, and will not tell again."""

import sqlalchemy as sa

from returns.errors import ConfigurationError, PartnerError
from returns.gateways.supplier import Authorisation
from returns.model import By, ReturnStatus
from returns.services import authorisations
from returns.tables import returns
from returns.wiring import House

AWAITED = (ReturnStatus.AUTHORISED, ReturnStatus.IN_TRANSIT)


def read_books(house: House) -> tuple[int, list[str]]:
    """Ask suppliers about all goods that are awaited; how many had arrived.

    Again changes nothing. The second: return_ids whose supplier did not answer, or has
    no API and must be asked by a person. What the bank paid is read by the work itself.
    """
    query = sa.select(returns.c.return_id, returns.c.supplier).where(
        returns.c.status.in_(AWAITED)
    )
    with house.reader.connect() as connection:
        awaited = connection.execute(query.order_by(returns.c.created_at)).all()
    arrived, unknown = 0, []
    for case in awaited:
        try:
            found = house.gateways.supplier(case.supplier).find_return(case.return_id)
        except (ConfigurationError, PartnerError):
            unknown.append(case.return_id)
            continue
        if isinstance(found, Authorisation) and found.received_at is not None:
            authorisations.receive_goods(house, case.return_id, By.SUPPLIER)
            arrived += 1
    return arrived, unknown
