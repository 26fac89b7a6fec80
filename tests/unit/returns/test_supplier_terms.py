"""What `./bonretour check` tells the owner of suppliers' terms."""

from dataclasses import replace

from returns.supplier_terms import gaps
from tests.unit.returns.test_policy import SHOP

NORDLYS = SHOP.supplier("Nordlys Apparel")


def keys(**terms: object) -> dict[str, str]:
    """The gaps of one supplier with these terms, with what they say."""
    supplier = replace(NORDLYS, **terms)  # type: ignore[arg-type]
    shop = replace(SHOP, suppliers={"Nordlys Apparel": supplier})
    return {gap.key: gap.says for gap in gaps(shop, {})}


def test_a_supplier_as_good_as_the_law_has_no_gap() -> None:
    """Two years for faults, 30 days for the rest, a warehouse in the EU."""
    good = {"fault_days": 730, "window_days": 30, "evidence": ()}
    assert keys(**good) == {}


def test_each_gap_is_named() -> None:
    """Short for faults, nothing unwanted, far away, wants proof."""
    bad = {"fault_days": 14, "takes_unwanted": False, "return_country": "CN"}
    found = keys(**bad, evidence=("photo",))
    assert set(found) == {"fault_days", "takes_unwanted", "return_country", "evidence"}
    assert "14 days" in found["fault_days"] and "2 years" in found["fault_days"]


def test_the_shop_s_own_days_widen_the_gap() -> None:
    """Thirty days given, thirty taken back: the parcel comes too late."""
    terms = replace(SHOP.own_terms, days=30)
    shop = replace(SHOP, own_terms=terms)
    assert "window_days" not in {g.key for g in gaps(SHOP, {}) if "Nord" in g.supplier}
    assert "window_days" in {g.key for g in gaps(shop, {}) if "Nord" in g.supplier}


def test_a_gap_costs_what_its_goods_cost() -> None:
    """The supplier's average order line, where the goods are at stake."""
    averages = {"Kado Factory": {"EUR": 2900}}
    cost = {g.key: g.cost for g in gaps(SHOP, averages) if g.supplier == "Kado Factory"}
    assert cost["takes_unwanted"] == cost["fault_days"] == {"EUR": 2900}
    assert cost["evidence"] == {}
