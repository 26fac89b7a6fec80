"""No log line of this process tells personal data (P3). Plain Python: all rooms use it.

Our own lines carry ids alone; this is for what libraries and exceptions add to them.
Ids, hashes and times pass; e-mail addresses, telephone numbers, IBANs and card numbers
become marks.
"""

import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any, Mapping, Match, MutableMapping, Optional, Text, Tuple, Type

PASSES = (
    r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"  # a UUID
    r"|\b[0-9a-f]{32,128}\b"  # a hash
    r"|\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?\b"
)
EMAIL = r"[^\s@<>()\[\]{}\"',;:=/%]{1,64}(?:@|%40)[^\s@<>()\[\]{}\"',;:/]+"
IBAN = r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b"
CARD = r"(?<![\w-])\d(?:[ -]?\d){12,40}(?![\w-])"
PHONE = (
    r"(?<![\w.+-])(?:(?:\+|00)\d(?:[ .\-/()]{0,2}\d){7,14}"
    r"|0[1-9](?:[ .\-]?\d{2}){4}"
    r"|0\d{2,4}[ \-]\d{3,4}[ \-]?\d{3,4}"
    r"|\(?\d{3}\)?[ .\-]\d{3}[ .\-]\d{4})(?!\w)"
)
ONE = re.compile(
    f"(?P<passes>{PASSES})|(?P<email>{EMAIL})|(?P<iban>{IBAN})"
    f"|(?P<phone>{PHONE})|(?P<card>{CARD})",
    re.IGNORECASE,
)
LONGEST = 20_000  # of one line; a body that a library prints whole is cut


def redacted(text: Text) -> Text:
    """The same text with marks such as ‹email› in it."""
    return ONE.sub(_mark, text[:LONGEST])


def only_names(
    _logger: Any, _method: Text, event: MutableMapping[Text, Any]
) -> MutableMapping[Text, Any]:
    """For Rasa's structlog: which event and error, never its values or locals."""
    told = event.get("exc_info")
    kind = told[0] if isinstance(told, tuple) else type(told)
    kept = {name: event[name] for name in ("event", "level") if name in event}
    return {**kept, "error": kind.__name__} if told else kept


def guard_logging() -> None:
    """From now on, for every logger and handler, and for what nobody catches."""
    logging.setLogRecordFactory(SafeRecord)
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


class SafeRecord(logging.LogRecord):
    """A log line whose message, arguments and traceback are redacted."""

    def __init__(self, *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self.args = _safe_arguments(self.args)
        if self.exc_info and self.exc_info[0] is not None:
            lines = traceback.format_exception(*self.exc_info)
            self.exc_text = redacted("".join(lines).rstrip())
        if self.stack_info:
            self.stack_info = redacted(self.stack_info)

    def getMessage(self) -> Text:
        return redacted(super().getMessage())


def _mark(found: Match[Text]) -> Text:
    kind, text = str(found.lastgroup), found.group()
    passes = kind == "passes"
    if kind == "card":
        passes = not _holds_card(text)
    elif kind == "iban":
        passes = not (text.isupper() or _mod_97(text))
    return text if passes else f"‹{kind}›"


def _holds_card(text: Text) -> bool:
    """Whether some groups of digits in a row are a card; others may stand beside it."""
    groups = re.split("[ -]", text)
    ends = range(1, len(groups) + 1)
    runs = ("".join(groups[start:end]) for end in ends for start in range(end))
    return any(13 <= len(run) <= 19 and _luhn(run) for run in runs)


def _luhn(text: Text) -> bool:
    """Whether the digits add up as those of a card do."""
    digits = [int(c) for c in reversed(text) if c.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def _mod_97(text: Text) -> bool:
    """Whether the letters and digits add up as those of an IBAN do."""
    plain = re.sub(r"\s", "", text).upper()
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1


def _safe_arguments(given: Any) -> Any:
    """For handlers that read them instead of the message."""
    if isinstance(given, tuple):
        return tuple(_safe(one) for one in given)
    if isinstance(given, Mapping):
        return {key: _safe(one) for key, one in given.items()}
    return given


def _safe(value: Any) -> Any:
    return redacted(value) if isinstance(value, str) else value


def _uncaught(
    kind: Type[BaseException], error: BaseException, trace: Optional[TracebackType]
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    _print((kind, error, trace))


def _uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and told.exc_type is not SystemExit:
        _print((told.exc_type, told.exc_value, told.exc_traceback))


def _print(
    told: Tuple[Type[BaseException], BaseException, Optional[TracebackType]],
) -> None:
    print(redacted("".join(traceback.format_exception(*told))), file=sys.stderr)
