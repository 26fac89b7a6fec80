from dataclasses import FrozenInstanceError, fields
from datetime import date
from pathlib import Path

import pytest

from returns.errors import ConfigurationError
from returns.settings import ROOT
from returns.shop import Mail, Shop, Staff, Supplier, Withdrawal, load_shop
from returns.shop_terms import Goodwill, KeepIt, Mediator, OwnTerms, RefundLimits

SHOP_FILE = ROOT / "shop.yml"


def problems_of(text: str, folder: Path) -> list[str]:
    path = folder / "shop.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_shop(path)
    return str(refused.value).splitlines()


def edited(old: str, new: str) -> tuple[str, int]:
    """shop.yml with the first `old` replaced, and the line on which that is."""
    text = SHOP_FILE.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1), text[: text.index(old)].count("\n") + 1


@pytest.fixture(scope="module")
def shop() -> Shop:
    return load_shop(SHOP_FILE)


def test_the_shop_s_own_file_loads(shop: Shop) -> None:
    """The shop.yml that comes with the house is right and says what the demo needs."""
    assert shop.languages == ("fr", "en")
    assert shop.withdrawal.return_cost_paid_by == "customer"
    assert shop.withdrawal.customers_told_of_right_since == date(2024, 1, 1)
    assert shop.late_delivery_extra_days == 7
    assert shop.delivery_days_default == 30
    assert list(shop.suppliers) == [
        "Nordlys Apparel",
        "Maison Lumen",
        "Kado Factory",
        "Shenzhen Brightway",
    ]


def test_no_shop_lets_customers_write_novels(tmp_path: Path) -> None:
    """The model would be busy for seconds, and everybody else would wait."""
    text, line = edited("characters: 4000", "characters: 10001")
    (problem,) = [p for p in problems_of(text, tmp_path) if "text_characters" in p]
    assert str(line) in problem


def test_limits_are_those_of_the_security_plan(shop: Shop) -> None:
    """The numbers of E13, switched on."""
    limits = shop.limits
    assert limits.enabled
    assert limits.text_characters == 4000
    assert (limits.messages_per_minute, limits.messages_per_day) == (30, 600)
    assert limits.requests_per_minute_per_address == 600
    assert (limits.body_kilobytes, limits.json_depth) == (64, 20)
    assert (limits.upload_megabytes, limits.uploads_per_conversation) == (10, 40)


def test_a_supplier_knows_its_address(shop: Shop) -> None:
    """Sandbox suppliers are served by slug; a supplier without an API has none."""
    sandbox = "http://127.0.0.1:8080"
    assert shop.supplier("Nordlys Apparel").api_url(sandbox) == (
        "http://127.0.0.1:8080/suppliers/nordlys"
    )
    assert shop.supplier("Kado Factory").api_url(sandbox) is None
    found = shop.supplier_by_slug("lumen")
    assert found is not None and found.name == "Maison Lumen"
    assert shop.supplier_by_slug("nobody") is None


def test_an_unlisted_supplier_is_worked_by_hand(shop: Shop) -> None:
    """An order from a supplier that shop.yml does not know is nobody's crash."""
    unknown = shop.supplier("Étoile & Fils")
    assert unknown.api is None
    assert unknown.name == "Étoile & Fils"


def test_the_signature_follows_the_language(shop: Shop) -> None:
    """A language that the shop does not speak gets its first one's signature."""
    assert shop.signed("en") == "The Comptoir Olive team"
    assert shop.signed("nl") == shop.signed("fr") == "L'équipe Comptoir Olive"


def test_proof_limit_is_in_minor_units(shop: Shop) -> None:
    """A currency that is not listed has no amount that passes without a look."""
    assert shop.proof_limit_minor("EUR") == 15000
    assert shop.proof_limit_minor("SEK") == 0


def test_the_shop_cannot_be_changed(shop: Shop) -> None:
    """What was checked at start stays as it was checked."""
    with pytest.raises(FrozenInstanceError):
        shop.name = "Other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            "return_cost_paid_by: customer",
            "return_cost_paid_by: client",
            "withdrawal.return_cost_paid_by: expected customer or merchant,"
            " found 'client'",
        ),
        (
            "late_delivery_extra_days: 7",
            "late_delivery_extra_day: 7",
            "late_delivery_extra_day: unknown key;"
            " did you mean late_delivery_extra_days?",
        ),
        (
            "    window_days: 14",
            "    windows_days: 14",
            "suppliers.Kado Factory.windows_days: unknown key;"
            " did you mean window_days?",
        ),
        (
            "customers_told_return_cost_since: 2024-01-01",
            "customers_told_return_cost_since: last year",
            "withdrawal.customers_told_return_cost_since: expected a date such as"
            " 2026-01-31, found 'last year'",
        ),
        (
            "api: null",
            "api: ftp://kado.example",
            "suppliers.Kado Factory.api: expected sandbox, an https:// address or"
            " null, found 'ftp://kado.example'",
        ),
        (
            "  days: null",
            "  days: 10",
            "own_terms.days: expected 15 or more, found 10",
        ),
        (
            "  per_order: 1",
            "  per_order: once",
            "goodwill.per_order: expected a whole number, found 'once'",
        ),
        (
            "evidence: [photo, video]",
            "evidence: [photo, letter]",
            "suppliers.Shenzhen Brightway.evidence.1: expected photo, video,"
            " packing_list or box, found 'letter'",
        ),
        (
            "return_country: BE",
            "return_country: Belgium",
            "suppliers.Shenzhen Brightway.return_country: expected a country's"
            " letters, such as FR, found 'Belgium'",
        ),
        (
            "    EUR: 15.00",
            "    Euro: 15.00",
            "keep_it.below.Euro: expected a currency such as EUR, found 'Euro'",
        ),
        (
            "website: https://mediateur",
            "website: mediateur",
            "mediator.website: expected an address that begins with https://,"
            " found 'mediateur.example.com'",
        ),
        (
            "time_zone: Europe/Paris",
            "time_zone: Paris",
            "time_zone: expected a time zone such as Europe/Paris, found 'Paris'",
        ),
        (
            "messages_per_day: 600",
            "messages_per_day: many",
            "limits.messages_per_day: expected a whole number, found 'many'",
        ),
        (
            "messages_per_day: 600",
            "messages_per_day: 0",
            "limits.messages_per_day: expected 1 or more, found 0",
        ),
        (
            "trusted_proxies: []",
            "trusted_proxies: [10.0.0.0/8, office]",
            "limits.trusted_proxies.1: expected an IP address or network, such as"
            " 10.0.0.0/8, found 'office'",
        ),
        (
            "  - https://www.example.com",
            "  - https://www.example.com/shop",
            "embed_origins.0: expected an address such as https://www.example.com,"
            " found 'https://www.example.com/shop'",
        ),
        (
            "EUR: 150.00",
            "EUR: lots",
            "proof_amount_limit.EUR: expected an amount such as 150.00, found 'lots'",
        ),
        (
            "holidays_region: null",
            "holidays_region: 99",
            "holidays_region: expected null or a region's code, such as 57, found 99",
        ),
        (
            "enabled: true",
            "enabled: yes please",
            "limits.enabled: expected true or false, found 'yes please'",
        ),
        (
            "mail:\n  # sandbox",
            "mail: sandbox\nmore:\n  # sandbox",
            "mail: expected a section with keys under it, found 'sandbox'",
        ),
    ],
)
def test_a_mistake_names_key_line_and_what_is_expected(
    old: str, new: str, problem: str, tmp_path: Path
) -> None:
    """Whoever edits shop.yml is told where the mistake is and how it should read."""
    text, line = edited(old, new)
    assert f"shop.yml:{line}: {problem}" in problems_of(text, tmp_path)


def test_a_missing_key_names_its_section_and_what_is_expected(tmp_path: Path) -> None:
    """A key that is gone is told with the line of the section it belongs to."""
    text, line = edited("  return_cost_paid_by: customer\n", "")
    section = text.splitlines().index("withdrawal:") + 1
    assert section < line
    assert problems_of(text, tmp_path) == [
        f"shop.yml:{section}: withdrawal.return_cost_paid_by:"
        " this key is missing; expected customer or merchant"
    ]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """Three mistakes are three lines, in the order of the file."""
    text, _ = edited("country: FR", "country: France")
    text = text.replace("payment_method: sandbox", "payment_method: gold")
    text = text.replace("json_depth: 20", "json_depht: 20")
    found = problems_of(text, tmp_path)
    assert [problem.split(": ")[1] for problem in found] == [
        "country",
        "payment_method",
        "limits.json_depht",
    ]


def test_two_suppliers_cannot_share_a_slug(tmp_path: Path) -> None:
    """Addresses would mix up the two."""
    text, _ = edited("slug: lumen", "slug: nordlys")
    (problem,) = problems_of(text, tmp_path)
    assert "suppliers: expected a different slug for each" in problem


def test_a_mediator_is_named_with_its_site(tmp_path: Path) -> None:
    """L616-1: a shop without a mediator's details does not start."""
    text, line = edited("website: https://mediateur", "website: mediateur")
    (problem,) = problems_of(text, tmp_path)
    assert problem.startswith(f"shop.yml:{line}: mediator.website: expected an address")
    text, _ = edited("\nmediator:\n", "\nmediateur:\n")
    assert any("mediator" in problem for problem in problems_of(text, tmp_path))


def test_every_language_needs_a_signature(tmp_path: Path) -> None:
    """A shop that speaks English signs in English."""
    text, _ = edited("  en: The Comptoir Olive team\n", "")
    (problem,) = problems_of(text, tmp_path)
    assert "signature: expected a signature for each of: fr, en" in problem


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("name: [open\nlegal_name: x\n", "shop.yml:2: "),
        ("name: a\nname: b\n", 'shop.yml:2: found duplicate key "name"'),
        ("- a list\n", "shop.yml:1: expected lines such as"),
        ("", "shop.yml:1: expected lines such as"),
    ],
)
def test_a_file_that_is_no_section_is_refused(
    text: str, start: str, tmp_path: Path
) -> None:
    """Broken YAML is told with its line, never as a traceback."""
    (problem,) = problems_of(text, tmp_path)
    assert problem.startswith(start)


def test_a_missing_or_foreign_file_is_refused(tmp_path: Path) -> None:
    """The message names the file and the cause."""
    with pytest.raises(ConfigurationError, match=r"shop\.yml: No such file"):
        load_shop(tmp_path / "shop.yml")
    latin = tmp_path / "latin.yml"
    latin.write_bytes("name: Café\n".encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"latin\.yml: expected UTF-8"):
        load_shop(latin)


def test_optional_keys_may_be_left_out(tmp_path: Path) -> None:
    """A shop that says nothing of limits or staff gets the usual numbers."""
    text = SHOP_FILE.read_text(encoding="utf-8")
    path = tmp_path / "shop.yml"
    path.write_text(text[: text.index("\nlimits:")], encoding="utf-8")
    assert load_shop(path).limits.messages_per_minute == 30


def test_every_key_is_explained() -> None:
    """docs/shop.md and shop.yml name each key that a merchant may write."""
    handbook = (ROOT / "docs" / "shop.md").read_text("utf-8")
    example = SHOP_FILE.read_text("utf-8")
    kinds = (Shop, Withdrawal, OwnTerms, KeepIt, Goodwill, RefundLimits, Mediator)
    for kind in (*kinds, Supplier, Staff, Mail):
        for key in (field.name for field in fields(kind)):
            assert key in handbook and f"{key}:" in example, key
