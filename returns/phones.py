"""Phone numbers in the one form in which they can be compared (E.164)."""

import hmac

import phonenumbers
from babel.languages import get_official_languages


def e164(text: str | None, country: str | None = None) -> str | None:
    """Such as "+33612345678"; None for what is no possible number.

    country: two letters, for a number written without its own.
    """
    try:
        parsed = phonenumbers.parse(text or "", country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def is_same(one: str | None, other: str | None) -> bool:
    """Both in E.164; nothing equals an unknown number."""
    return bool(one and other) and hmac.compare_digest(one or "", other or "")


def language_of(number: str | None, spoken: tuple[str, ...]) -> str:
    """What is spoken where the number comes from, else the first of `spoken`."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(number or ""))
    except phonenumbers.NumberParseException:
        return spoken[0]
    official = get_official_languages(region or "", de_facto=True)
    return next((one for one in official if one in spoken), spoken[0])
