"""Everything that can go wrong in the business, named for the fact.

ReturnsError
├── ConfigurationError      shop.yml or an environment variable is wrong
├── ImportRefused           an import file cannot be read at all
├── IdentityRefused         the proof given for an order is not enough
│   └── CodeRefused         a code by mail is wrong, spent or too old
├── OrderNotGranted         a conversation asked for an order it never proved
├── NothingToConfirm        a yes came with no recap that it could confirm
├── RecapChanged            a yes came for a recap that is no longer true
├── UnitAlreadyInReturn     another open return already holds the unit
├── PictureRefused          a file is no picture that we take
├── TooManyPictures         a conversation has sent enough of them for a day
├── AdjustmentRefused       a deduction or compensation cannot be as it was entered
├── NotFound                no return, task or conversation has this id
├── WrongState              the act does not fit the state the row is in
└── PartnerError            a supplier, bank or mail server
    ├── PartnerRefused      it said no, for good (400, 404, 409 or 422 by rule X11)
    ├── PartnerMisconfigured  our key or address is wrong (401, 403): alarm
    ├── PartnerUnknown      nobody knows whether it happened: read before repeating
    └── PaymentDiffers      the bank paid another amount under this refund's id
"""

import traceback
from pathlib import Path

HOUSE = Path(__file__).resolve().parent.parent


class ReturnsError(Exception):
    """Base of every error that the business raises on purpose."""


class ConfigurationError(ReturnsError):
    """A setting is wrong; the message says where and what is expected."""


class ImportRefused(ReturnsError):
    """The file as a whole cannot be imported."""


class IdentityRefused(ReturnsError):
    """The proof is not enough. Says nothing about which part was wrong (I2)."""


class CodeRefused(IdentityRefused):
    """The code is not the one sent, or it is spent. Says nothing about the order."""


class OrderNotGranted(ReturnsError):
    """This conversation has no valid grant for the order (E10)."""


class NothingToConfirm(ReturnsError):
    """There is no draft with a recap in this conversation."""


class RecapChanged(ReturnsError):
    """The facts changed since the recap was shown: show a new one."""


class UnitAlreadyInReturn(ReturnsError):
    """A unit of the draft is already held by another open return."""


class PictureRefused(ReturnsError):
    """The file is no picture that we take; reason: a Verdict of returns/pictures.py."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TooManyPictures(ReturnsError):
    """A conversation has sent its pictures of a day (shop.yml, limits)."""


class AdjustmentRefused(ReturnsError):
    """A deduction or compensation cannot be so; reason: a short code, with words in the
    console (`refused_adjustment_<reason>`).
    """

    def __init__(self, reason: str) -> None:
        super().__init__(WHY_NOT[reason])
        self.reason = reason


WHY_NOT = {
    "declined": "a second person declined exactly this before",
    "no_reason": "the customer must read why, in at most 1,000 characters",
    "no_picture": "a deduction needs a picture of this return",
    "no_withdrawal": "only what was withdrawn from can lose value (W14)",
    "not_informed": "this customer was not told of the right of withdrawal (W14)",
    "no_refund": "no refund of this return waits to be paid",
    "too_much": "the amount is nothing, or more than was paid",
    "unit_has_one": "this unit has a deduction already",
    "no_rule": "no rule of the law grounds it",
}


class NotFound(ReturnsError):
    """No row has this id."""


class WrongState(ReturnsError):
    """The act does not fit the state that the row is in."""


class PartnerError(ReturnsError):
    """A supplier, bank or mail server did not do what was asked.

    reason: a short code for logs and staff, never personal data.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class PartnerRefused(PartnerError):
    """It refused for good; a person must decide (X11)."""


class PartnerMisconfigured(PartnerError):
    """Our credentials or address are wrong: stop and raise an alarm (X11)."""


class PaymentDiffers(PartnerError):
    """The bank's book has this refund with another amount: a person looks (X9)."""


class PaymentReturned(PartnerError):
    """The bank sent this payment and got it back: never sent again by itself.

    reference: the bank's own, of the payment that came back.
    """

    def __init__(self, reference: str) -> None:
        super().__init__("payment_returned")
        self.reference = reference


class PartnerUnknown(PartnerError):
    """The outcome is unknown; read before any repetition (X3, X11).

    retry_after: seconds the partner asked us to wait, None if it said nothing.
    """

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


def place_of(error: BaseException) -> str:
    """Where in our own code it broke, for a log: "desk/chat.py:120", never its text."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [(Path(f.filename), f.lineno) for f in frames]
    ours = [
        f"{path.relative_to(HOUSE)}:{line}"
        for path, line in inside
        if path.is_relative_to(HOUSE) and "site-packages" not in path.parts
    ]
    return ours[-1] if ours else "elsewhere"
