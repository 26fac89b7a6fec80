"""domain.yml's responses against the code that says them, and against good manners."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import pytest

from bot import doubt, wording
from desk import texts
from desk.channels import templates
from returns.grounds.explaining import EXPLANATIONS
from returns.model import (
    ReplacementState,
    Resolution,
    ReturnPayer,
    ReturnReason,
    ReturnStatus,
)
from returns.policy import FAULTS
from returns.services import deliveries, details, questions, wishes
from returns.settings import ROOT

LANGUAGES = ("fr", "en")
ROOMS = ("returns", "actions", "desk", "worker", "cli")
NAMED = re.compile(r"\"(utter_\w+)\"")
FAMILY = re.compile(r"f\"(utter_\w*\{[^}]+\})\"")
SPOKEN = re.compile(r"action: (utter_\w+)")

FOUND_FAULTY = (*FAULTS, ReturnReason.NOT_DELIVERED, ReturnReason.ARRIVED_LATE)
OFFERED = {
    *questions.COMMON_REASONS,
    *questions.UNDELIVERED_REASONS,
    ReturnReason.OTHER,
}
# What policy must know of a line before it decides.
FACTS = ("received", "seal_broken", "promised", "withdrawal_at")
GIVEN = (Resolution.REFUND, Resolution.REPLACEMENT, Resolution.EXCHANGE)
FAMILIES: dict[str, Iterable[str]] = {
    "utter_apology_{reason.value}": FOUND_FAULTY,
    "utter_button_change_{part}": (*questions.CHANGES, "quantity"),
    "utter_button_reason_{reason.value}": OFFERED,
    "utter_button_meaning_{intent}": doubt.OFFERED,
    "utter_button_{remedy.value}": GIVEN,
    "utter_not_outright_{wish}": GIVEN,
    "utter_ask_detail_{reason.value}": details.TOLD_IN_WORDS,
    "utter_explain_{ground}": EXPLANATIONS,
    "utter_ask_{fact}": FACTS,
    "utter_button_fact_{told}": [f"{f}_{a}" for f in FACTS for a in ("yes", "no")],
    "utter_recap_line_{wish}": (*GIVEN, "review"),
    "utter_reason_{reason}": (*ReturnReason, "not_given"),
    "utter_recap_payer_{payer}": ReturnPayer,
    "utter_recap_payer_of_{payer or ReturnPayer.NONE}": ReturnPayer,
    "utter_ship_payer_{payer}": (*ReturnPayer, "label"),
    "utter_fact_payer_{payer.value}": ReturnPayer,
    "utter_fact_wish_{line.resolution}": Resolution,
    "utter_reason_{line.return_reason}": ReturnReason,
    "utter_opened_{case.status}": ("requested", "authorised", "needs_review"),
    "utter_state_{case.status}": ReturnStatus,
    "utter_state_replacement_{row.state}": ReplacementState,
    "utter_wish_changed_{wish.value}": wishes.SWAPPED,
    "utter_ask_change_to_{wish.value}": wishes.SWAPPED,
    "utter_mail_changed_to_{wish.value}": wishes.SWAPPED,
    "utter_order_is_{order.status.value}": deliveries.OVER,
    "utter_menu_{name}": ("open_list", "one", "many"),
    "utter_template_{name}": templates.GAPS,
    "utter_policy_payer_{payer}": (ReturnPayer.CUSTOMER, ReturnPayer.MERCHANT),
}

CASE = "return_id order_number"
RECAPPED = "title quantity reason amount variant"
PARCEL = "return_id rma_number address payer ship_by label"
PAID = f"{CASE} amount day"
# What whoever says it hands over; a response that is missing here has no gap.
PARAMS = {
    "ask_email": "order_number",
    "ask_code": "order_number",
    "ask_quantity": "title quantity",
    "ask_reason": "title",
    "ask_resolution": "title amount",
    "ask_resolution_open": "title amount",
    "ask_variant": "title",
    "ask_photo": "title",
    "photo_thanks": "return_id",
    "ask_received": "title",
    "ask_seal_broken": "title",
    "ask_promised": "title",
    "ask_withdrawal_at": "title",
    "ask_detail_missing_parts": "title",
    "ask_detail_wrong_item": "title",
    "ask_detail_not_as_described": "title",
    "not_outright_refund": "title amount",
    "not_outright_replacement": "title amount",
    "not_outright_exchange": "title amount",
    "explain_withdrawal_customer": "ends",
    "explain_withdrawal_merchant": "ends",
    "explain_withdrawal_extended": "ends",
    "recap": "lines conditions",
    "recap_review": "lines conditions",
    "recap_line_refund": RECAPPED,
    "recap_line_replacement": RECAPPED,
    "recap_line_exchange": RECAPPED,
    "recap_line_review": RECAPPED,
    "recap_payer_of_customer": "title",
    "recap_payer_of_merchant": "title",
    "recap_payer_of_none": "title",
    "recap_ship_to": "address",
    "button_variant": "options",
    "button_line_options": "options quantity",
    "recap_total": "total delivery by",
    "recap_total_with_delivery": "total delivery by",
    "button_line": "title",
    "button_line_detail": "quantity",
    "button_number": "number",
    "return_authorised": PARCEL,
    "ship_by": "day",
    "withdrawal_recorded": "day time",
    "return_waits_for_supplier": CASE,
    "return_opened": CASE,
    "return_in_review": CASE,
    "refund_when_received": "amount by",
    "refund_on_receipt": "amount",
    "refund_after_proof": "amount by",
    "refund_proof_checked": "amount",
    "button_return_id": "return_id",
    "button_order": "order_number",
    "ask_cancel": CASE,
    "return_cancelled": CASE,
    "cancel_kept": "return_id",
    "ask_change_to_refund": CASE,
    "ask_change_to_replacement": CASE,
    "wish_changed_refund": "return_id next",
    "wish_changed_replacement": "return_id next",
    "wish_kept": "return_id",
    "wish_by_person": "return_id",
    "mail_changed_to_refund": CASE,
    "mail_changed_to_replacement": CASE,
    "cancel_by_person": CASE,
    "next_review": "hours",
    "next_on_its_way": "number",
    "no_return_of_order": "order_number",
    "one_order_at_a_time": "order_number other",
    "order_status": "order_number lines",
    "order_line_delivered": "title day",
    "order_line_sent": "title day number",
    "order_line_waiting": "title",
    "order_tracking": "number",
    "order_promised": "day",
    "order_late": "day",
    "tracking_by_person": "return_id",
    "tracking_noted": "return_id number next",
    "ask_tracking_number": "return_id",
    "tracking_unreadable": "number",
    "news_supplier_late": "return_id",
    "mail_news": "return_id text",
    **{f"template_{name}": " ".join(gaps) for name, gaps in templates.GAPS.items()},
    "news_post_soon": f"{CASE} day",
    "news_postage_paid": "return_id amount",
    "news_deduction": "return_id amount reason left",
    "news_compensation": "return_id amount reason",
    "news_compensation_paid": "return_id amount",
    "mail_deduction": "return_id amount reason left mediator",
    "mail_compensation": "return_id amount reason mediator",
    "mail_return_cancelled": CASE,
    "mail_post_soon": f"{CASE} day",
    "refund_under_way": "amount",
    "refund_by_hand": "amount",
    "return_status": f"{CASE} state next",
    "state_paid": "amount day",
    "return_policy": "days payer",
    "handoff": "hours",
    "handoff_danger": "hours",
    "text_too_long": "limit",
    "letter_hello": "name",
    "letter_fact": "label value",
    "mail_return_opened": f"{CASE} what at state",
    "upload_too_large": "limit",
    "mail_return_authorised": PARCEL,
    "mail_refund_paid": PAID,
    "mail_refund_returned": f"{CASE} amount",
    "mail_refund_sent_again": PAID,
    "mail_replacement_ordered": CASE,
    "mail_address_by_person": "return_id",
    "mail_goods_received": CASE,
    "mail_review_allowed": "return_id",
    "mail_review_declined": "return_id reason mediator",
    "mail_code": "code minutes",
    "fact_order_placed": "order_number day",
    "fact_item": "quantity title",
    "fact_item_variant": "quantity title variant",
    "fact_item_paid": "amount",
    "fact_item_reason": "reason",
    "fact_item_detail": "detail",
    "fact_refund_paid": "amount day",
    "fact_refund_after_goods": "amount",
    "fact_refund_by": "amount day",
    "fact_refund_under_way": "amount",
    "fact_refund_delivery": "amount",
    "fact_refund_deducted": "amount",
    "ship_label": "url",
    "mail_withdrawal_received": "reference at",
    "withdraw_error_long": "limit",
    "withdraw_receipt": "email",
    "withdraw_too_many": "email",
    "news_return_authorised": PARCEL,
    "news_address_by_person": "return_id",
    "news_goods_received": f"{CASE} closing",
    "news_refund_paid": f"{PAID} closing",
    "news_refund_returned": f"{CASE} amount",
    "news_refund_sent_again": PAID,
    "news_replacement_ordered": f"{CASE} closing",
    "news_review_allowed": "return_id",
    "news_review_declined": "return_id reason",
}
# What one conversation may well hear more than once.
REPEATED = re.compile(
    r"utter_(ask_|apology_|not_understood|order_found|code_refused|withdrawal_recorded|recap$"
    r"|recap_review|recap_changed|anything_else|return_dropped|handoff$|greet|welcome"
    r"|goodbye|complaint_heard|nothing_open|desk_slow|waiting_noted)"
)
# Worded for the identity code by mail, whose service is being built.
FOREIGN = {
    "fr": re.compile(r"\b(the|your|you|we|is|are|will|please|order|refund)\b", re.I),
    "en": re.compile(r"\b(le|les|vous|votre|nous|est|une|du|commande)\b|[éèàêç]", re.I),
}
SPACE_BEFORE_MARK = re.compile(r" [:;?!»]|« |\w[:;?!](?!\w)")
GENDERED = re.compile(r"\((e|ne|se)s?\)|·e", re.I)
HOLLOW = re.compile(r"n'hésitez|!.*!|please don't hesitate|feel free", re.I | re.S)
MESSENGER_BUTTON, LONGEST_BUTTON = 20, 40
# The law words this one: « confirmer la rétractation » (L221-21, D221-5).
LONGER_BUTTONS = {"utter_button_confirm_withdrawal"}
# Facts, not gaps: an example, the right of withdrawal's days, the emergency number.
NUMBERS = {
    "utter_ask_order_number": {"1042"},
    "utter_where_is_number": {"1042"},
    "utter_explain_withdrawal_customer": {"14"},
    "utter_explain_withdrawal_merchant": {"14"},
    "utter_handoff_danger": {"112"},
    "utter_ask_rating": {"1", "5"},
}


def _spoken(name: str, language: str) -> list[str]:
    variations = texts.responses()[name]
    return [
        str(variation["text"])
        for variation in variations
        if [c["value"] for c in variation["condition"]] == [language]
    ]


def _everything() -> Iterator[tuple[str, str, str]]:
    for name in texts.responses():
        for language in LANGUAGES:
            for text in _spoken(name, language):
                yield name, language, text


@cache
def _sources() -> str:
    files = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@cache
def _used() -> frozenset[str]:
    """Every response that code, a rule or a story says, families expanded."""
    paths = sorted((ROOT / "data").rglob("*.yml"))
    data = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    names = {*NAMED.findall(_sources()), *SPOKEN.findall(data)}
    for family in FAMILY.findall(_sources()):
        stem = family.partition("{")[0]
        names |= {f"{stem}{member}" for member in FAMILIES[family]}
    mails = {n for n in names if n.startswith("utter_mail_")}
    parts = {f"{mail}_{part}" for mail in mails for part in ("subject", "body")}
    return frozenset((names - mails) | parts)


def _params(name: str) -> set[str]:
    plain = name.removeprefix("utter_")
    if plain.startswith("mail_"):
        plain = plain.removesuffix("_subject").removesuffix("_body")
    return set(PARAMS.get(plain, "").split())


def test_every_family_of_names_is_known_here() -> None:
    """A name put together in code belongs to a family that this file expands."""
    assert set(FAMILY.findall(_sources())) == set(FAMILIES)


def test_nothing_is_said_that_domain_yml_does_not_word() -> None:
    """Whatever response code, rules and stories name exists."""
    assert _used() - set(texts.responses()) == set()


def test_nothing_is_worded_that_nobody_says() -> None:
    """domain.yml holds no response that is not used."""
    assert set(texts.responses()) - _used() == set()


def test_both_languages_have_as_many_variations() -> None:
    """French and English are served alike, and there is no third condition."""
    for name, variations in texts.responses().items():
        counts = [len(_spoken(name, language)) for language in LANGUAGES]
        assert counts[0] == counts[1] > 0, name
        assert sum(counts) == len(variations), name
        assert all(set(v) == {"condition", "text"} for v in variations), name


def test_what_can_repeat_has_three_variations() -> None:
    """Nothing that one conversation may hear again sounds canned."""
    repeated = [name for name in texts.responses() if REPEATED.match(name)]
    assert len(repeated) > 30
    assert [name for name in repeated if len(_spoken(name, "fr")) < 3] == []


def test_no_two_variations_are_equal() -> None:
    """A variation that says the same again is none."""
    for name in texts.responses():
        for language in LANGUAGES:
            spoken = _spoken(name, language)
            assert len({text.casefold() for text in spoken}) == len(spoken), name


def test_gaps_are_filled_by_whoever_says_it() -> None:
    """No response has a gap without a param, nor a brace that is no gap."""
    for name, _language, text in _everything():
        assert set(wording.GAP.findall(text)) <= _params(name), name
        assert not set("{}") & set(wording.GAP.sub("", text)), name


def test_the_params_told_here_are_of_responses_that_exist() -> None:
    """The table of params does not outlive what it describes."""
    worded = {name.removeprefix("utter_") for name in texts.responses()}
    worded |= {name.removesuffix("_body") for name in worded}
    assert set(PARAMS) <= worded


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_response_renders(language: str) -> None:
    """Filled as the bot and the desk fill it, nothing is left open."""
    for name in texts.responses():
        params: dict[str, Any] = dict.fromkeys(_params(name), "x")
        for last in range(len(_spoken(name, language))):
            words = wording.render(texts.responses(), name, language, params, last)
            assert words.text and "{" not in words.text, name


def test_buttons_are_short_enough() -> None:
    """Messenger cuts a button's title at 20 characters; nobody reads 40."""
    for name, _language, text in _everything():
        if name.startswith("utter_button_"):
            longer = name in LONGER_BUTTONS
            limit = LONGEST_BUTTON if longer else MESSENGER_BUTTON
            assert len(wording.GAP.sub("9", text)) <= limit, f"{name}: {text}"


def test_no_amount_deadline_or_address_is_written_down() -> None:
    """Numbers come through gaps, but for the few that are facts."""
    for name, _language, text in _everything():
        assert set(re.findall(r"\d+", text)) <= NUMBERS.get(name, set()), name
        assert not re.search(r"https?:|www\.|\w@\w", text), name


def test_each_language_is_its_own() -> None:
    """But for the one sentence for strangers, none has words of the other."""
    for name, language, text in _everything():
        if name == "utter_other_language":
            continue
        plain = text.replace("« un conseiller »", "")
        assert not FOREIGN[language].search(wording.GAP.sub("", plain)), (name, text)


def test_french_is_well_set() -> None:
    """No-break spaces before high marks and inside quotes; nobody is « -(e) »."""
    for name, language, text in _everything():
        if language == "fr":
            assert not SPACE_BEFORE_MARK.search(text), (name, text)
            assert not GENDERED.search(text), (name, text)


def test_the_tone_is_a_good_agents() -> None:
    """No storm of exclamation marks, no hollow phrase."""
    for name, _language, text in _everything():
        assert not HOLLOW.search(text), (name, text)


def test_a_right_is_never_a_favour() -> None:
    """N6: what the law gives is not called exceptional, kind or a gesture."""
    favour = re.compile(r"exceptionnel|geste|faveur|goodwill|favour|exceptional", re.I)
    for name, _language, text in _everything():
        assert not favour.search(text), (name, text)
