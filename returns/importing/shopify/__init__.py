"""Shopify's CSV exports of orders and products, as a shop downloads them."""

from returns.importing.shopify.catalogue import load_catalogue
from returns.importing.shopify.orders import read_shopify_orders
from returns.importing.shopify.products import read_shopify_products

__all__ = ["load_catalogue", "read_shopify_orders", "read_shopify_products"]
