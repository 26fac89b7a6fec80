"""What shop.yml says of Messenger and WhatsApp: which accounts are the shop's own."""

from typing import Annotated

from pydantic.dataclasses import dataclass

from returns.shop_values import EXACT, written_as

MetaId = Annotated[
    str, written_as(r"\d{5,32}", 'the digits that Meta shows, in quotes: "1234567890"')
]
GraphVersion = Annotated[
    str, written_as(r"v\d{1,2}\.\d", "a version of Meta's API, such as v25.0")
]


@dataclass(frozen=True, kw_only=True, config=EXACT)
class WhatsApp:
    """phone_number_id: of WhatsApp > API set-up, not the phone number itself."""

    phone_number_id: MetaId


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Messenger:
    """page_id: of the Facebook page that customers write to."""

    page_id: MetaId


@dataclass(frozen=True, kw_only=True, config=EXACT)
class Channels:
    """A platform that is None is off: its webhook answers 404."""

    graph_version: GraphVersion = "v25.0"
    whatsapp: WhatsApp | None = None
    messenger: Messenger | None = None

    def account(self, channel: str) -> str | None:
        """The id that the platform's webhooks must name; None: the channel is off."""
        if channel == "whatsapp":
            return self.whatsapp.phone_number_id if self.whatsapp else None
        if channel == "messenger":
            return self.messenger.page_id if self.messenger else None
        return None
