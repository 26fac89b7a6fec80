"""A mail of the desk on its whole way: notice, SMTP, the sandbox's mailbox, the CLI."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from desk import sessions, workflows
from returns.model import Resolution, ReturnReason
from returns.sandbox.client import SandboxClient
from returns.services import cases
from returns.wiring import Gateways
from returns.work import WorkKind
from tests.houses import TestHouse, opened, tell_all
from tests.orders import new_order
from tests.partners import ROOT, SandboxProcess, sandbox_settings


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    process = SandboxProcess(sandbox_settings(tmp_path / "sandbox"))
    process.start()
    yield process
    assert process.stop() == ""


@pytest.fixture
def house(tmp_path: Path, sandbox: SandboxProcess) -> Iterator[TestHouse]:
    with opened("sqlite", tmp_path) as house:
        real: Any = Gateways(sandbox.settings, house.shop, house.clock)
        house.gateways = real
        yield house


def test_an_acknowledgement_arrives_once(
    house: TestHouse, sandbox: SandboxProcess
) -> None:
    """Subject, text and HTML lie in the mailbox and on the command line; once."""
    order = new_order(house)
    talk = sessions.open_session(house, "fr")[1]
    told = {"reasons": (ReturnReason.TOO_SMALL,), "resolution": Resolution.REFUND}
    tell_all(house, order, talk, **told)
    (return_id,) = cases.confirm(house, talk, "yes").return_ids
    (notice_id,) = house.queue.subjects(WorkKind.DELIVER_NOTICE)
    for _ in range(2):
        workflows.deliver_notice(house, notice_id)
    admin = SandboxClient(sandbox.settings)
    (mail,) = admin.mails()
    admin.close()
    assert (mail["to"], mail["message_id"]) == (order["customer"]["email"], notice_id)
    assert mail["subject"] == f"Bien reçue\u00a0: votre rétractation {return_id}"
    for form in ("text", "html"):
        assert "Robe en lin Solène" in mail[form] and "59,90\u00a0€" in mail[form]
        assert "vendredi 20 novembre 2026 à 13:00" in mail[form]
    assert mail["html"].startswith("<!doctype html>")
    shown = subprocess.run(
        [str(ROOT / "bonretour"), "sandbox", "mails", "--json"],
        env=sandbox.env,
        capture_output=True,
        text=True,
        check=True,
    )
    (row,) = json.loads(shown.stdout)
    assert {name: row[name] for name in ("subject", "text", "html")} == {
        name: mail[name] for name in ("subject", "text", "html")
    }
