"""The demo shop: believable products and orders, in the import format."""

import json
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Engine

from returns.demo.catalogue import demo_products
from returns.demo.orders import demo_orders
from returns.importing import import_orders, import_products
from returns.tables import orders

__all__ = ["demo_orders", "demo_products", "seed_demo"]


def seed_demo(engine: Engine, now: datetime) -> bool:
    """Fill an empty shop; True if this call did. A shop with orders is left alone."""
    with engine.connect() as connection:
        if connection.execute(sa.select(orders.c.order_number).limit(1)).first():
            return False
    import_products(engine, map(json.dumps, demo_products()), now)
    import_orders(engine, map(json.dumps, demo_orders(now)), now)
    return True
