"""What a customer offers as proof that an order is theirs, and what is asked. Pure."""

import hmac
from dataclasses import dataclass, replace
from typing import Any

from returns import keys, phones
from returns.model import Choice, Clause, Draft, Heard, Proof, Question, Say

OTHER_WAY = Choice(Say("utter_button_other_proof"), {"proof": Proof.ADDRESS.value})
SEND_CODE = Choice(Say("utter_button_send_code"), {"proof": Proof.CODE.value})
CODE_AGAIN = Choice(Say("utter_button_code_again"), {"proof": Proof.CODE.value})
PERSON = Choice(Say("utter_button_person"), {"intent": "talk_to_human"})


@dataclass(frozen=True)
class Known:
    """What an order knows of its customer; for no order, what fits nobody."""

    email_key: str = ""
    first_name: str = ""
    last_name: str = ""
    postcode: str = ""


NUMBER = "order_number"  # in Draft.skipped, as often as it was not found
MOST_SKIPPED = 40
NOBODY = Known("nobody@invalid", "Nobody", "Nobody", "00000")
STRANGER: dict[str, Any] = {"phone": "+33100000000", "address": {"country": "FR"}}


def identify(draft: Draft, heard: Heard) -> Draft:
    """The draft with whatever of order number and proof the message told."""
    heard = _as_asked(draft, heard)
    number = heard.order_number
    if heard.no_number and number is None and draft.order_number is None:
        draft = replace(draft, skipped=(*draft.skipped, NUMBER)[-MOST_SKIPPED:])
    another = number is not None and not keys.same_order(
        number, draft.order_number or ""
    )
    if draft.granted:
        if not another:
            return draft
        email = draft.email  # the same person's other order, most likely
        draft = replace(
            _untold_of_lines(cleared(draft)), email=email, granted=False, recap=None
        )
    draft = replace(
        draft,
        order_number=number or draft.order_number,
        email=heard.email or draft.email,
        postcode=heard.postcode or draft.postcode,
        surname=heard.surname or draft.surname,
        code=heard.code if draft.code_id else None,
        code_id=None if another else draft.code_id,
    )
    return _prefer(draft, heard)


def is_complete(draft: Draft) -> bool:
    """Whether there is something to look up."""
    if draft.granted or draft.order_number is None:
        return False
    if draft.code is not None:
        return True
    return _email_or_address(draft)


def cleared(draft: Draft) -> Draft:
    """Without any proof, which is asked again when it is needed again."""
    return replace(
        draft,
        email=None,
        postcode=None,
        surname=None,
        code=None,
        code_id=None,
        paired=None,
        proof=Proof.EMAIL,
    )


def refused(draft: Draft, paired: str | None) -> Draft:
    """Everything must be said again; after a wrong code only the code."""
    if draft.code is not None:
        return replace(draft, code=None)
    again = replace(cleared(draft), order_number=None, proof=draft.proof)
    return replace(again, tried=draft.order_number, paired=paired)


def fits(known: Known, draft: Draft) -> bool:
    """Whether e-mail, or postcode and surname, are the order's; in constant time."""
    email = _same(known.email_key, keys.email_key(draft.email or ""))
    here = _same(
        keys.postcode_key(known.postcode), keys.postcode_key(draft.postcode or "")
    )
    whole, core = keys.surname_keys(known.last_name)
    said_whole, said_core = keys.surname_keys(draft.surname or "", known.first_name)
    named = _same(whole, said_whole) | _same(core, said_core)
    return email | (here & named)


def phone_of(customer: dict[str, Any]) -> str | None:
    """In E.164, as a platform vouches for one."""
    return phones.e164(customer.get("phone"), customer["address"]["country"])


def question(draft: Draft, *, often: bool, locked: bool) -> Question:
    """often: offer a code and a person. locked: nothing but these two is left."""
    if draft.proof is Proof.CODE and draft.code_id is not None:
        params: dict[str, Any] = {"order_number": draft.order_number}
        says = (Say("utter_ask_code", params),)
        return Question(says, "code", (CODE_AGAIN, PERSON))
    if draft.order_number is None:
        return _which_order(draft, often, locked)
    if draft.proof is Proof.EMAIL:
        says = (Say("utter_ask_email", {"order_number": draft.order_number}),)
        return Question(says, "email", (OTHER_WAY,))
    if draft.postcode is None:
        return Question((Say("utter_ask_postcode"),), "postcode", (SEND_CODE, PERSON))
    return Question((Say("utter_ask_surname"),), "surname", (SEND_CODE, PERSON))


def _which_order(draft: Draft, often: bool, locked: bool) -> Question:
    coded = locked or draft.proof is Proof.CODE
    says = (Say("utter_ask_number_for_code" if coded else "utter_ask_order_number"),)
    missed = draft.skipped.count(NUMBER)
    helped = missed > 0 and draft.asked == "order_number"
    if helped:
        helps = ("utter_where_is_number", "utter_number_by_person")
        says = (Say(helps[min(missed, len(helps)) - 1]),)
    if not (coded or often or helped):
        return Question(says, "order_number")
    offers = (SEND_CODE, PERSON) if draft.tried else (PERSON,)
    return Question(says, "order_number", offers)


def _untold_of_lines(draft: Draft) -> Draft:
    """Without the other order's lines; what was said of the only one still holds."""
    if len(draft.lines) != 1:
        return replace(draft, lines=())
    (line,) = draft.lines
    told = Clause("", line.reasons, line.resolution, None)
    return replace(
        draft,
        lines=(),
        unplaced=(told, *draft.unplaced),
        reasons=told.reasons,
        resolution=told.resolution,
    )


def _prefer(draft: Draft, heard: Heard) -> Draft:
    if heard.email is not None:
        return replace(draft, proof=Proof.EMAIL)
    if heard.proof is Proof.CODE:
        number = draft.order_number or draft.tried
        return replace(draft, proof=Proof.CODE, order_number=number, code_id=None)
    if heard.proof is not None:
        return replace(draft, proof=heard.proof)
    return draft


def _email_or_address(draft: Draft) -> bool:
    by_address = draft.postcode is not None and draft.surname is not None
    return draft.email is not None or by_address


def _as_asked(draft: Draft, heard: Heard) -> Heard:
    """A bare number means what was asked: order number, postcode or code."""
    number = heard.order_number or ""
    if not number.isdigit():
        return heard
    if draft.asked == "code":
        return replace(heard, order_number=None, postcode=None)
    if draft.granted or keys.postcode_key(heard.postcode or "") != number.lstrip("0"):
        return heard
    if draft.asked == "postcode" or draft.order_number is not None:
        return replace(heard, order_number=None)
    return replace(heard, postcode=None)


def _same(known: str, said: str) -> bool:
    alike = hmac.compare_digest(known.encode(), said.encode())
    return alike and bool(known)
