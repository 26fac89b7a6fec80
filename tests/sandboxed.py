"""A test house whose supplier and bank are the sandbox, asked with little patience."""

from typing import Any

from returns.gateways.payments import PaymentGateway
from returns.gateways.supplier import SupplierGateway
from returns.settings import Settings
from tests.houses import FakeGateways, shop_of


class SandboxGateways(FakeGateways):
    """A supplier that shop.yml does not know is the sandbox's nordlys.

    patience: seconds to connect, seconds between two bytes.
    """

    def __init__(
        self, settings: Settings, patience: tuple[float, float] = (1.0, 1.0)
    ) -> None:
        super().__init__()
        self._settings = settings
        self._patience = patience
        known = shop_of(settings.shop_file).suppliers.values()
        self._slugs = {supplier.name: supplier.slug for supplier in known}

    def supplier(self, name: str) -> Any:
        slug = self._slugs.get(name, "nordlys")
        return SupplierGateway(
            f"{self._settings.sandbox_url}/suppliers/{slug}",
            self._settings.secret(f"supplier_{slug}"),
            allow_private=True,
            timeout=self._patience,
        )

    def payments(self) -> Any:
        return PaymentGateway(
            f"{self._settings.sandbox_url}/bank",
            self._settings.secret("bank"),
            allow_private=True,
            timeout=self._patience,
        )
