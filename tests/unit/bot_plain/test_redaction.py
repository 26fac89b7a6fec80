"""No log line tells personal data, whoever writes it; ids, hashes and times pass."""

import logging
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from io import StringIO

import pytest
import uvicorn.logging

from bot.redaction import SafeRecord, guard_logging, only_names, redacted
from returns import logs
from returns.settings import ROOT

PERSONAL = (
    "camille.durand@example.com",
    "Camille+retour@exämple.fr",
    "camille%40example.com",
    "06 12 34 56 78",
    "0612345678",
    "06.12.34.56.78",
    "+33 6 12 34 56 78",
    "+33(0)612345678",
    "0033612345678",
    "+44 7700 900123",
    "07700 900123",
    "020 7946 0958",
    "+1 (415) 555-0132",
    "(415) 555-0132",
    "4111 1111 1111 1111",
    "4111111111111111",
    "4111-1111-1111-1111",
    "378282246310005",
    "FR7630006000011234567890189",
    "FR76 3000 6000 0112 3456 7890 189",
    "fr76 3000 6000 0112 3456 7890 189",
    "GB82WEST12345698765432",
    "DE89 3704 0044 0532 0130 00",
)
IMPERSONAL = (
    str(uuid.UUID(int=0x41111111111111114111111111111111)),
    "R-7K2M9QHX",
    "W-7KQ2M9XA",
    "NRD-2611-00001",
    "ML000001R",
    "deliver_notice:R-7K2M9QHX:chat:news_refund_paid:1",
    "4f" * 32,
    "0" * 64,
    "2026-11-24T19:07:31.123456Z",
    "2026-11-24 19:07:31,123",
    "2026-11-24",
    "127.0.0.1:8000",
    "erased-abcdefghijklmnopqrstuvwx",
    'File "/app/returns/work.py", line 120, in sweep',
    "RASA 3.6.21 on sanic 21.12.2",
    "took 1234 ms of 9000",
    "worker-0",
    "status 503 after 12 tries",
)


@pytest.fixture
def guarded() -> Iterator[None]:
    """As a process of ours is; put back afterwards."""
    hooks = sys.excepthook, threading.excepthook
    factory = logging.getLogRecordFactory()
    guard_logging()
    yield
    logging.setLogRecordFactory(factory)
    logging.captureWarnings(False)
    sys.excepthook, threading.excepthook = hooks


@pytest.mark.parametrize("said", PERSONAL)
def test_personal_data_becomes_a_mark(said: str) -> None:
    """Alone, in a sentence, in JSON, in an address, between brackets."""
    digits = [c for c in said if c.isdigit()]
    for text in (
        said,
        f"voilà {said}, merci",
        f'{{"text": "{said}"}}',
        f"GET /x?q={said}&y=1",
        f"({said})",
        f"<{said}>",
    ):
        told = redacted(text)
        assert said not in told and "‹" in told, told
        assert [c for c in told if c.isdigit()][:5] != digits[:5] or not digits


@pytest.mark.parametrize("said", IMPERSONAL)
def test_ids_pass(said: str) -> None:
    """What we need to find a fault is still there."""
    assert redacted(said) == said
    assert redacted(f'{{"id": "{said}"}}') == f'{{"id": "{said}"}}'


def record(formatter: logging.Formatter, *told: object, **more: object) -> str:
    """What a logger of its own, with a handler of its own, writes."""
    out = StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter)
    logger = logging.Logger("somebody's own")
    logger.addHandler(handler)
    logger.error(*told, **more)
    return out.getvalue()


FORMATTERS = (
    logging.Formatter("%(asctime)s %(levelname)s %(message)s"),
    uvicorn.logging.DefaultFormatter("%(levelprefix)s %(message)s", use_colors=True),
)


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize("formatter", FORMATTERS)
def test_every_logger_is_covered(formatter: logging.Formatter) -> None:
    """Message, arguments, mappings, objects, tracebacks and stacks."""

    class Customer:
        def __str__(self) -> str:
            return " ".join(PERSONAL)

    try:
        raise ValueError(" ".join(PERSONAL))
    except ValueError:
        lines = [
            record(formatter, " ".join(PERSONAL)),
            record(formatter, "%s and %s", " ".join(PERSONAL), Customer()),
            record(formatter, "%(who)s", {"who": " ".join(PERSONAL)}),
            record(formatter, Customer()),
            record(formatter, "it broke", exc_info=True),
            record(formatter, "it broke", exc_info=True, stack_info=True),
        ]
    for line in lines:
        assert not any(said in line for said in PERSONAL), line
    assert "ValueError" in lines[4] and "test_redaction.py" in lines[4]


@pytest.mark.usefixtures("guarded")
def test_handlers_that_read_arguments_get_none_of_it() -> None:
    """Some look at the record itself."""
    made = logging.getLogRecordFactory()(
        "n", 40, "p", 1, "%s %d", (PERSONAL[0], 7), None
    )
    assert isinstance(made, SafeRecord)
    assert made.args == ("‹email›", 7) and made.getMessage() == "‹email› 7"


def test_our_own_lines_show_listed_fields_alone() -> None:
    """A field nobody thought about is hidden; ids are not."""
    event = {
        "event": "work.attempt.failed",
        "subject_id": "R-7K2M9QHX",
        "attempt": 3,
        "at": ["a.py:1 f", PERSONAL[0]],
        "reason": f"to {PERSONAL[0]}",
        "surname": "Durand",
        "body": {"text": "bonjour"},
    }
    told = logs.only_ids(None, "error", event)
    assert told["subject_id"] == "R-7K2M9QHX" and told["attempt"] == 3
    assert told["at"] == ["a.py:1 f", "‹email›"]
    assert told["surname"] == told["body"] == logs.HIDDEN
    assert PERSONAL[0] not in str(told)


def test_rasas_lines_are_names_alone() -> None:
    """Its events hold messages and slots, its tracebacks the values of variables."""
    error = ValueError("bonjour Camille")
    event = {"event": "processor.failed", "level": "error", "text": "bonjour Camille"}
    for told in (error, (ValueError, error, None), True):
        line = only_names(None, "error", {**event, "exc_info": told})
        assert line["event"] == "processor.failed" and "Camille" not in str(line)
    assert only_names(None, "e", {**event, "exc_info": error})["error"] == "ValueError"


PROCESS = """
import logging, structlog, threading, warnings, sys
from returns.logs import quiet_logs
quiet_logs(logging.DEBUG)
said = sys.argv[1]
warnings.warn("a warning of " + said)
logging.getLogger("a.library").debug("body %s", {"text": said})
structlog.get_logger().info("x.y", reason=said, conversation_id="c-1", name=said)
thread = threading.Thread(target=lambda: {}[said]); thread.start(); thread.join()
raise RuntimeError(said)
"""


@pytest.mark.parametrize("said", PERSONAL[::3])
def test_a_whole_process_tells_nothing(said: str) -> None:
    """At its most talkative: warnings, threads, and what nobody catches."""
    done = subprocess.run(
        [sys.executable, "-c", PROCESS, said],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    told = done.stdout + done.stderr
    assert done.returncode == 1
    for part in ("RuntimeError", "KeyError", "a warning", "x.y", "c-1", "body"):
        assert part in told, told
    assert said not in told, told


def test_every_field_of_ours_is_listed() -> None:
    """Whoever adds one decides that it holds no words."""
    import ast

    used = set()
    for room in ("returns", "desk", "worker", "actions", "cli"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == "_log"
                ):
                    used |= {word.arg for word in node.keywords}
    assert len(used) > 10 and used <= logs.SHOWN, used - logs.SHOWN
