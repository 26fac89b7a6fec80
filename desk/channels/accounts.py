"""Which platforms are on, and the secrets that belong to them.

BONRETOUR_SECRET_META_APP signs Meta's webhooks; _META_APP_NEXT is a second one that
counts beside it while it is being changed. _META_VERIFY is typed in at Meta by hand.
_WHATSAPP and _MESSENGER are the access tokens.
"""

import re

from returns.errors import ConfigurationError
from returns.wiring import House

CHANNELS = ("messenger", "whatsapp")
APP, APP_NEXT, VERIFY = "meta_app", "meta_app_next", "meta_verify"
SHORTEST_VERIFY = 16
SHORTEST_TOKEN = 32
APP_SECRET = re.compile(r"[0-9a-fA-F]{32,}")


def is_on(house: House, channel: str) -> bool:
    return house.shop.channels.account(channel) is not None


def app_secrets(house: House) -> list[str]:
    """By which a webhook may be signed; two while they are being changed."""
    following = house.settings.optional_secret(APP_NEXT)
    return [house.settings.secret(APP), *([following] if following else [])]


def verify_token(house: House) -> str:
    return house.settings.secret(VERIFY)


def mistakes(house: House) -> list[str]:
    """What `./bonretour check` has to say; nothing while both platforms are off."""
    on = [channel for channel in CHANNELS if is_on(house, channel)]
    if not on:
        return []
    wanted = {APP: "the app secret of your Meta app: 32 letters and digits"}
    wanted |= {VERIFY: f"a word of your own, {SHORTEST_VERIFY} characters or more"}
    wanted |= {channel: "the access token of a system user" for channel in on}
    found = [_mistake(house, name, expected) for name, expected in wanted.items()]
    if house.settings.optional_secret(APP_NEXT):
        found.append(_mistake(house, APP_NEXT, wanted[APP]))
    return [line for line in found if line]


def _mistake(house: House, name: str, expected: str) -> str | None:
    variable = f"BONRETOUR_SECRET_{name.upper()}"
    given = house.settings.optional_secret(name)
    if given is None:
        return f"{variable} is not set: expected {expected}"
    return None if _fits(name, given) else f"{variable}: expected {expected}"


def _fits(name: str, given: str) -> bool:
    if name in (APP, APP_NEXT):
        return APP_SECRET.fullmatch(given) is not None
    return len(given) >= (SHORTEST_VERIFY if name == VERIFY else SHORTEST_TOKEN)


def check_at_start(house: House) -> None:
    """Raises ConfigurationError: production does not run with what check refuses."""
    found = mistakes(house)
    if found and house.settings.production:
        raise ConfigurationError("\n".join(found))
