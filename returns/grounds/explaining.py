"""Which explanations of domain.yml a decision calls for. Pure."""

from returns.grounds.case import Case, Regime
from returns.model import (
    DeclineReason,
    Flag,
    Ground,
    LineDecision,
    Outcome,
    ReturnPayer,
)

# Each is worded as utter_explain_<name>; "review" alone is said by the recap.
EXPLANATIONS = (
    "withdrawal_customer",
    "withdrawal_merchant",
    "withdrawal_extended",
    "withdrawal_open",
    "withdrawal_not_sent",
    "withdrawal_on_its_way",
    "withdrawal_comes_back",
    "shop_policy_customer",
    "shop_policy_merchant",
    "shop_policy_none",
    "conformity_merchant",
    "conformity_uk",
    "delivery_merchant",
    "delivery_none",
    "keep_it",
    "value_loss",
    "too_dear",
    "not_late_yet",
    "parcel_comes_back",
    "not_received",
    "customs_charge",
    "extra_item",
    "safety",
    "excepted",
    "window_closed",
    "hidden_defect",
    "proof_needed",
    "business_buyer",
)
_BY_RULE = {
    "D08": "not_received",
    "D10": "customs_charge",
    "D11": "extra_item",
    "P01": "safety",
    "H01": "hidden_defect",
}
_BY_DECLINE = {
    DeclineReason.EXCEPTED: "excepted",
    DeclineReason.WINDOW_CLOSED: "window_closed",
    DeclineReason.BUSINESS_BUYER: "business_buyer",
}
_BY_FLAG = {
    Flag.STOP_ORDER: "withdrawal_not_sent",
    Flag.REFUSE_PARCEL: "withdrawal_on_its_way",
    Flag.COMES_BACK: "withdrawal_comes_back",
}


def notices(case: Case, line: LineDecision) -> tuple[str, ...]:
    """Names of EXPLANATIONS, and "review" where a person decides."""
    if line.outcome is Outcome.REVIEW:
        return ("review", *_why_a_person(case, line))
    if line.asks == ("withdrawal_at",):
        waits = line.ground is Ground.DELIVERY and Flag.COMES_BACK not in line.flags
        return ("not_late_yet" if waits else "parcel_comes_back",)
    if line.ground is None:
        return ()
    besides = [
        name
        for flag, name in (
            (Flag.VALUE_LOSS_POSSIBLE, "value_loss"),
            (Flag.TOO_DEAR, "too_dear"),
        )
        if flag in line.flags
    ]
    return (_why_allowed(case, line), *besides)


def _why_a_person(case: Case, line: LineDecision) -> tuple[str, ...]:
    for rule in line.rules:
        if rule in _BY_RULE:
            return (_BY_RULE[rule],)
    if line.decline_reason in _BY_DECLINE:
        return (_BY_DECLINE[line.decline_reason],)
    second_hand = case.order.line(line.line_id).second_hand
    proof = second_hand and line.ground is Ground.CONFORMITY and bool(line.remedies)
    wished = line.resolution in line.remedies or line.resolution is None
    return ("proof_needed",) if proof and wished and "C02" in line.rules else ()


def _why_allowed(case: Case, line: LineDecision) -> str:
    for flag, name in _BY_FLAG.items():
        if flag in line.flags and line.ground is not Ground.SHOP_POLICY:
            return name
    if "S03" in line.rules:
        return "keep_it"
    if line.ground is Ground.WITHDRAWAL:
        return _withdrawal(case, line)
    if line.ground is Ground.CONFORMITY:
        british = case.regime is Regime.UNITED_KINGDOM
        return "conformity_uk" if british else "conformity_merchant"
    return f"{line.ground}_{line.payer}"


def _withdrawal(case: Case, line: LineDecision) -> str:
    if case.withdrawal_ends is None:
        return "withdrawal_open"
    if not case.informed:
        return "withdrawal_extended"
    paid_by_customer = line.payer is ReturnPayer.CUSTOMER
    return "withdrawal_customer" if paid_by_customer else "withdrawal_merchant"
