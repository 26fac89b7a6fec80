"""Cases and tasks: the same services as the command line, and nobody's but theirs."""

from collections.abc import Callable

import sqlalchemy as sa

from desk.console import casework
from desk.console.accounts import Member, Role
from desk.console.case_filters import CaseFilters as Filters
from desk.console.tables import audit_log
from returns.model import Resolution, ReturnReason
from returns.services import cases, finishing, tasks
from returns.services.finishing import Given, Needs
from returns.settings import ROOT
from returns.unit import writing
from tests.houses import TestHouse, tell_all
from tests.orders import new_order
from tests.pictures import photo
from tests.unit.desk_console.staff import Browser

Enter = Callable[[Role], Browser]
KINDS = {
    "review_return": Needs.DECISION,
    "supplier_address": Needs.ADDRESS,
    "pay_refund": Needs.REFERENCE,
    "order_replacement": Needs.REFERENCE,
    "check_payment": Needs.REFERENCE,
    "check_proof": Needs.DECISION,
    "pay_postage": Needs.SUM,
    "pay_compensation": Needs.REFERENCE,
    "confirm_adjustment": Needs.DECISION,
    "check_value": Needs.NOTHING,
    "message_undelivered": Needs.NOTHING,
    "channel_stopped": Needs.NOTHING,
    "explain_difference": Needs.NOTHING,
    "supplier_claim": Needs.CLAIM,
    "tell_supplier_cancelled": Needs.NOTHING,
    "nothing_sent": Needs.NOTHING,
    "unhappy_customer": Needs.NOTHING,
    "send_evidence": Needs.NOTHING,
    "given_up": Needs.NOTHING,
    "unproved_withdrawal": Needs.NOTHING,
    "unconfirmed_withdrawal": Needs.NOTHING,
}


def opened_case(house: TestHouse, conversation: str = "c1") -> str:
    order = new_order(house)
    reasons = (ReturnReason.DAMAGED_IN_TRANSIT,)
    tell_all(house, order, conversation, reasons=reasons, resolution=Resolution.REFUND)
    (return_id,) = cases.confirm(house, conversation, "yes").return_ids
    return return_id


def task_for(house: TestHouse, return_id: str, kind: str) -> tasks.Task:
    with writing(house) as unit:
        from returns.services import history

        case = history.get_return(unit.connection, return_id)
        tasks.open_task(unit, kind, return_id, case)
    return next(t for t in tasks.open_tasks(house) if t.kind == kind)


def test_every_kind_of_task_has_words_and_a_form(
    house: TestHouse, enter: Enter
) -> None:
    """In both languages; nobody meets a task that the console cannot finish."""
    from desk.console import words

    return_id = opened_case(house)
    special = {"supplier_claim", "supplier_address"}
    known = {*finishing.BY_REFERENCE, *finishing.DECIDED, *finishing.SIMPLE, *special}
    assert set(KINDS) == known
    readme = (ROOT / "README.md").read_text("utf-8")
    for kind, need in KINDS.items():
        assert f"`{kind}`" in readme
        assert finishing.needs(kind) is need
        assert {f"task_{kind}", f"task_{kind}_how"} <= set(words.catalogue())
        task_for(house, return_id, kind)
    admin = enter(Role.ADMIN)
    for path in ("/console/tasks", f"/console/cases/{return_id}"):
        page = admin.get(path)
        assert page.status_code == 200
        assert page.text.count('action="/console/tasks/') == len(KINDS)


def test_the_case_page_tells_the_whole_story(house: TestHouse, enter: Enter) -> None:
    """Lines, reason, who is at fault, what happened, what is still to be paid."""
    return_id = opened_case(house)
    body = enter(Role.AGENT).get(f"/console/cases/{return_id}").text
    for part in (return_id, "arrivé abîmé", "Confirmé par le client", "transporteur"):
        assert part in body
    viewer = enter(Role.VIEWER)
    with house.reader.connect() as connection:
        from returns.tables import orders

        last = connection.execute(sa.select(orders.c.customer)).scalars().first()
    assert last["last_name"] not in viewer.get(f"/console/cases/{return_id}").text
    assert last["last_name"] not in viewer.get("/console/cases").text


def test_cases_are_filtered_and_paged(any_house: TestHouse) -> None:
    """By state, reason and order; each case once."""
    house = any_house
    made = [opened_case(house, f"c{number}") for number in range(5)]
    seen, before = [], ""
    for _ in range(3):
        page = casework.page(house, Filters(), before, size=2)
        seen += [entry.case.return_id for entry in page.entries]
        before = page.older or ""
    assert sorted(seen) == sorted(made) and not before
    task_for(house, made[0], "nothing_sent")
    person = casework.page(house, Filters(state="person")).entries
    assert [(e.case.return_id, e.tasks) for e in person] == [(made[0], 1)]
    assert casework.page(house, Filters(state="over")).entries == ()
    assert not casework.page(house, Filters(reason="too_small")).entries
    one = casework.page(house, Filters(order=made[1].lower())).entries
    assert [entry.case.return_id for entry in one] == [made[1]]


def test_a_task_is_finished_by_the_services(
    house: TestHouse, enter: Enter, team: dict[Role, Member]
) -> None:
    """By name, once, with both lines in the audit log."""
    task = task_for(house, opened_case(house), "nothing_sent")
    agent = enter(Role.AGENT)
    path = f"/console/tasks/{task.task_id}"
    assert agent.post(path).status_code == 303
    assert tasks.find_task(house, task.task_id).done_by == "Agent"
    assert agent.post(path).status_code == 409
    with house.reader.connect() as connection:
        acts = list(connection.execute(sa.select(audit_log.c.act)).scalars())
    assert acts[-2:] == ["task.finishing", "task.not_finished"]


def test_money_and_rights_are_for_approvers(house: TestHouse, enter: Enter) -> None:
    """An agent sees such a task and cannot finish it, whatever is posted."""
    return_id = opened_case(house)
    agent = enter(Role.AGENT)
    for kind in casework.FOR_APPROVERS:
        task = task_for(house, return_id, kind)
        told = {"reference": "B-1", "decision": "allow"}
        got = agent.post(f"/console/tasks/{task.task_id}", **told)
        assert got.status_code == 403, kind
        assert tasks.find_task(house, task.task_id).done_at is None
    assert "Réservé au rôle" in agent.get("/console/tasks").text


def test_a_form_without_what_it_needs_changes_nothing(
    house: TestHouse, enter: Enter
) -> None:
    """An empty reference, no decision, a refusal without reason, half an address."""
    return_id = opened_case(house)
    admin = enter(Role.ADMIN)
    for kind, data in (
        ("pay_refund", {"reference": " "}),
        ("check_proof", {"decision": "perhaps"}),
        ("review_return", {"decision": "decline", "reason": ""}),
        ("supplier_claim", {}),
        ("supplier_address", {"rma_number": "R1", "name": "N", "country": "FR"}),
    ):
        task = task_for(house, return_id, kind)
        got = admin.post(f"/console/tasks/{task.task_id}", **data)
        assert got.status_code in (409, 422), kind
        assert tasks.find_task(house, task.task_id).done_at is None


def test_a_manual_suppliers_address_is_entered(house: TestHouse, enter: Enter) -> None:
    """As `tasks done --address` does: the case is authorised."""
    return_id = opened_case(house)
    task = task_for(house, return_id, "supplier_address")
    told = {
        "rma_number": "R-77",
        "name": "Entrepôt",
        "line1": "1 rue du Port",
        "postcode": "59000",
        "city": "Lille",
        "country": "FR",
        "ship_by": "2026-12-06",
        "who_pays": "supplier",
    }
    got = enter(Role.AGENT).post(f"/console/tasks/{task.task_id}", **told)
    assert got.status_code == 303
    found = casework.read(house, return_id)
    assert (found.case.status, found.case.rma_number) == ("authorised", "R-77")
    assert found.deadline is not None


def test_nothing_is_finished_by_guessing(house: TestHouse) -> None:
    """The services say what is enough, for console and command line alike."""
    assert not finishing.is_enough("pay_refund", Given())
    assert finishing.is_enough("pay_refund", Given(reference="B-1"))
    assert finishing.is_enough("given_up", Given())
    assert not finishing.is_enough("supplier_claim", Given(reason="x"))


def test_a_large_sum_waits_for_a_second_person(
    house: TestHouse, enter: Enter, team: dict[Role, Member]
) -> None:
    """The page says who asked; the asker has no button, the next one has."""
    from tests.unit.returns.test_second_person import LARGE, to_pay

    task = to_pay(house, LARGE)
    approver, admin = enter(Role.APPROVER), enter(Role.ADMIN)
    path, case = f"/console/tasks/{task.task_id}", f"/console/cases/{task.return_id}"
    assert "Demander à une deuxième personne" in approver.get(case).text
    assert approver.post(path).status_code == 303
    told = "Demandé par Approver, attend une deuxième personne."
    mine, theirs = approver.get(case).text, admin.get(case).text
    assert told in mine and told in theirs
    assert f'action="{path}"' not in mine and f'action="{path}"' in theirs
    assert approver.post(path, reference="VIR-1").status_code == 409
    assert tasks.find_task(house, task.task_id).done_at is None
    assert admin.post(path, reference="VIR-1").status_code == 303
    assert tasks.find_task(house, task.task_id).done_by == "Admin"
    with house.reader.connect() as connection:
        acts = list(connection.execute(sa.select(audit_log.c.act)).scalars())
    assert acts.count("task.asked") == 1


def withdrawn_case(house: TestHouse, minor: int = 5990) -> tuple[str, str]:
    """A withdrawal whose refund waits for the goods: return and line."""
    from returns.services import authorisations

    order = new_order(house, lines=[{"paid_minor": minor}])
    why = {"reasons": (ReturnReason.CHANGED_MIND,), "resolution": Resolution.REFUND}
    tell_all(house, order, "w1", **why)
    (return_id,) = cases.confirm(house, "w1", "yes").return_ids
    authorisations.authorise(house, return_id)
    return return_id, order["lines"][0]["line_id"]


def sent(browser: Browser, path: str, file: bytes = b"", **data: str) -> int:
    """A form with a file, as a browser sends it; the answer's status."""
    files = {"file": ("photo.jpg", file, "image/jpeg")}
    told = {"csrf": browser.csrf, **data}
    return browser.send("POST", path, data=told, files=files).status_code


def test_a_deduction_is_set_with_a_photo(house: TestHouse, enter: Enter) -> None:
    """The photo is kept sealed; shown in timeline and exports; noted in the log."""
    return_id, line_id = withdrawn_case(house)
    approver = enter(Role.APPROVER)
    path = f"/console/cases/{return_id}/deductions"
    told = {"unit": f"1:{line_id}", "amount": "10,50", "reason": "Col taché."}
    assert sent(approver, path, **told) == 422
    assert sent(approver, path, b"<html>", **told) == 422
    assert sent(approver, path, photo(), **{**told, "csrf": "0" * 64}) == 403
    big = b"\xff\xd8\xff" + b"0" * (11 * 1024 * 1024)
    assert sent(approver, path, big, **told) == 413
    assert casework.read(house, return_id).refund.amount_minor == 5990 + 490
    for _ in range(2):
        assert sent(approver, path, photo(), **told) == 303
    assert casework.read(house, return_id).refund.amount_minor == 5990 + 490 - 1050
    files = list((house.settings.var / "uploads").iterdir())
    assert len(files) == 1
    assert files[0].suffix == ".sealed" and b"\xff\xd8" not in files[0].read_bytes()[:4]
    page = approver.get(f"/console/cases/{return_id}").text
    assert "Retenue posée" in page and "10,50" in page and "W14" in page
    listed = approver.get("/console/export/cases.json").json()
    mine = next(row for row in listed if row["return_id"] == return_id)
    assert (mine["deducted"], mine["compensated"]) == ("10.50", None)
    with house.reader.connect() as connection:
        acts = list(connection.execute(sa.select(audit_log.c.act)).scalars())
    assert acts.count("deduction.entering") == 3
    assert acts.count("deduction.not_entered") == 1


def test_deductions_and_compensations_are_for_approvers(
    house: TestHouse, enter: Enter
) -> None:
    """An agent sees what was decided, and has no form nor door."""
    return_id, _ = withdrawn_case(house)
    agent, approver = enter(Role.AGENT), enter(Role.APPROVER)
    case = f"/console/cases/{return_id}"
    told = {"rule": "W15", "amount": "7", "reason": "Remboursé en retard."}
    assert agent.post(f"{case}/compensations", **told).status_code == 403
    assert approver.post(f"{case}/compensations", **told).status_code == 303
    for wrong in ({"rule": "W14"}, {"amount": "7,001"}, {"reason": " "}):
        got = approver.post(f"{case}/compensations", **{**told, **wrong})
        assert got.status_code == 422, wrong
    page = agent.get(case).text
    assert "Compensation ajoutée" in page and "/compensations" not in page
    assert 'name="unit"' not in page
    (task,) = [t for t in tasks.open_tasks(house) if t.kind == "pay_compensation"]
    done = approver.post(f"/console/tasks/{task.task_id}", reference="V", sum="700")
    assert done.status_code == 303


def test_a_sum_that_changed_is_not_noted_as_paid(
    house: TestHouse, enter: Enter
) -> None:
    """The page was older than a deduction: whoever pays looks again."""
    return_id, _ = withdrawn_case(house)
    with writing(house) as unit:
        from returns.services import history

        case = history.get_return(unit.connection, return_id)
        facts = {"amount_minor": 5430, "currency": "EUR"}
        tasks.open_task(unit, "pay_refund", "some-refund", case, facts)
    task = next(t for t in tasks.open_tasks(house) if t.kind == "pay_refund")
    told = {"reference": "VIR-1", "sum": "6480"}
    got = enter(Role.APPROVER).post(f"/console/tasks/{task.task_id}", **told)
    assert got.status_code == 409 and "Le montant a changé" in got.text
    assert tasks.find_task(house, task.task_id).done_at is None


def test_postage_above_the_limit_needs_two_people(
    house: TestHouse, enter: Enter
) -> None:
    """The sum from the receipt is what the rule sees; changing it asks anew."""
    task = task_for(house, opened_case(house), "pay_postage")
    path = f"/console/tasks/{task.task_id}"
    approver, admin = enter(Role.APPROVER), enter(Role.ADMIN)
    told = {"reference": "VIR-1", "amount": "1000,01"}
    assert approver.post(path, reference="VIR-1").status_code == 409
    assert approver.post(path, **told).status_code == 303
    assert tasks.find_task(house, task.task_id).done_at is None
    assert approver.post(path, **told).status_code == 409
    assert 'value="1000.01"' in admin.get("/console/tasks").text
    more = {**told, "amount": "1000,02"}
    assert admin.post(path, **more).status_code == 303  # asks anew
    assert admin.post(path, **more).status_code == 409
    assert approver.post(path, **more).status_code == 303
    done = tasks.find_task(house, task.task_id)
    assert (done.done_by, done.facts["amount_minor"]) == ("Approver", 100_002)
